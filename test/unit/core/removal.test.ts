import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { EntryId, FactId, TaskId } from '#core/ids.ts';
import { createDocument, impactOf, notesOf, recordOf, theoryOf } from '#core/incident/document.ts';
import { entryText, writeEntry } from '#core/incident/entries.ts';
import { readIncident } from '#core/incident/reading.ts';
import { taskTitle, writeTask } from '#core/incident/tasks.ts';
import { removingUpdate } from '#core/removal/forward.ts';
import { isInMark, type Wanted } from '#core/removal/removal.ts';
import { removeFrom, type FoundTurns } from '#core/removal/removeFrom.ts';
import { ada, nameOf, TestRecord } from '../../support/record.ts';
import { newSeed, oneOf, seeded } from '../../support/random.ts';

const secret = 'hunter2-Ünï🦊';
const entry = '01JDA0000000000000000000E1' as EntryId;
const task = '01JDA0000000000000000000T1' as TaskId;

/** A history in which everybody writes into copies of the same document, an edit a turn. */
class Story {
	readonly updates: Uint8Array[] = [];
	readonly #docs: Y.Doc[] = [];

	constructor(people = 2) {
		for (let i = 0; i < people; i++) {
			const doc = createDocument('editing');
			doc.clientID = i + 1;
			doc.on('update', (update: Uint8Array, origin: unknown) => {
				if (origin !== 'story') this.#tell(doc, update);
			});
			this.#docs.push(doc);
		}
	}

	#tell(from: Y.Doc, update: Uint8Array): void {
		this.updates.push(update);
		for (const doc of this.#docs) if (doc !== from) Y.applyUpdate(doc, update, 'story');
	}

	person(i: number): Y.Doc {
		return this.#docs[i] as Y.Doc;
	}

	remove(wanted: Wanted): Removal {
		const turns = this.updates.map((update, i) => ({
			turn: i + 1,
			updates: [update],
			isPassed: false,
		}));
		const found = removeFrom(turns, wanted, () => undefined);
		const changed = new Map(found.rewritten.map(({ turn, updates }) => [turn, updates]));
		const history = turns.flatMap(({ turn, updates }) => changed.get(turn) ?? updates);
		const live = documentOf(this.updates);
		const forward = removingUpdate(live, found, { facts: 98, content: 99 });
		return { found, history: forward ? [...history, forward] : history, live };
	}
}

interface Removal {
	readonly found: FoundTurns;
	readonly history: readonly Uint8Array[];
	readonly live: Y.Doc;
}

function documentOf(updates: readonly Uint8Array[]): Y.Doc {
	const doc = createDocument('follower');
	for (const update of updates) Y.applyUpdate(doc, update);
	expect(doc.store.pendingStructs ?? doc.store.pendingDs).toBeNull();
	return doc;
}

/** Everything that a history says: each reading on the way, and each update to the letter. */
function allWords(updates: readonly Uint8Array[]): string {
	const doc = createDocument('follower');
	doc.gc = false;
	const said = updates.map((update) => {
		Y.applyUpdate(doc, update);
		const structs = Y.decodeUpdate(update).structs.map((struct) =>
			struct instanceof Y.Item && !(struct.content instanceof Y.ContentType)
				? (struct.content.getContent() as unknown[])
				: [],
		);
		const marks = Y.decodeUpdate(update).structs.map((struct) =>
			struct instanceof Y.Item && struct.content instanceof Y.ContentFormat
				? (struct.content.value as unknown)
				: null,
		);
		const letters = structs.map((units) =>
			units.every((unit) => typeof unit === 'string') ? units.join('') : units,
		);
		return JSON.stringify([readIncident(doc, nameOf), letters, marks]);
	});
	return said.join('\n');
}

/** Letter by letter; what happens after each letter is given. */
function type(
	[text, at]: readonly [Y.Text, number],
	words: string,
	between: () => void = () => undefined,
): void {
	let typed = 0;
	for (const letter of words) {
		text.insert(at + typed, letter);
		typed += letter.length;
		between();
	}
}

function expectGone({ found, history, live }: Removal, story: Story, needle = secret): void {
	expect(allWords(story.updates)).toContain(needle);
	expect(found.rewritten.length).toBeGreaterThan(0);
	expect(allWords(history)).not.toContain(needle);
	const replayed = documentOf(history);
	expect(readIncident(replayed, nameOf)).toEqual(readIncident(live, nameOf));
	expect(Y.encodeStateVector(replayed)).toEqual(Y.encodeStateVector(live));
	expect(Y.encodeStateAsUpdateV2(replayed)).toEqual(Y.encodeStateAsUpdateV2(live));
}

test('a text that was pasted in the middle of a paragraph is gone, and all around it stays', () => {
	const story = new Story();
	impactOf(story.person(0)).insert(0, `before ${secret} after`);
	impactOf(story.person(1)).insert(3, 'X');
	const removal = story.remove({ text: secret });
	expectGone(removal, story);
	expect(impactOf(removal.live).toJSON()).toBe('befXore  after');
	expect(removal.found).toMatchObject({ parts: ['impact'], rewritten: [{ turn: 1 }] });
});

test('a text that was typed letter by letter while others type is gone', () => {
	const story = new Story();
	const [hers, his] = [impactOf(story.person(0)), impactOf(story.person(1))];
	hers.insert(0, 'it is ');
	type([hers, 6], secret, () => {
		theoryOf(story.person(0)).insert(0, 'y');
		his.insert(0, 'x');
		his.delete(0, 1);
	});
	const removal = story.remove({ text: secret });
	expectGone(removal, story);
	expect(impactOf(removal.live).toJSON()).toBe('it is ');
	expect(removal.found.rewritten).toHaveLength(Array.from(secret).length);
	expect(allWords(removal.history)).not.toContain('🦊');
});

test('what two people put together is found, and what was readable only for a moment', () => {
	const story = new Story();
	const [hers, his] = [impactOf(story.person(0)), impactOf(story.person(1))];
	hers.insert(0, 'ter2-Ünï🦊');
	his.insert(0, 'hun');
	his.delete(0, 3);
	expectGone(story.remove({ text: secret }), story);
});

test('what was deleted before anybody could read it is found in what was sent', () => {
	const story = new Story();
	const alone = createDocument('editing');
	alone.gc = false;
	impactOf(alone).insert(0, `x${secret}y`);
	impactOf(alone).delete(0, 8);
	story.updates.push(Y.encodeStateAsUpdate(alone));
	const removal = story.remove({ text: secret });
	expect(removal.found.rewritten).toHaveLength(1);
	expect(allWords(removal.history)).not.toContain(secret);
});

test('the notes are looked through with their marks, across spans and lines', () => {
	const story = new Story();
	const notes = notesOf(story.person(0));
	const lines = ['KEY-first', 'second', 'KEY-last'].map((words) => {
		const paragraph = new Y.XmlElement('paragraph');
		const text = new Y.XmlText(words);
		paragraph.insert(0, [text]);
		return { paragraph, text };
	});
	notes.insert(
		0,
		lines.map(({ paragraph }) => paragraph),
	);
	lines[1]?.text.format(0, 3, { bold: {} });
	lines[1]?.text.format(3, 3, { link: { href: `https://example.org/?key=${secret}` } });
	const lineRemoval = story.remove({ text: 'KEY-first\r\nsecond\r\nKEY-last\r\n' });
	expectGone(lineRemoval, story, 'second');
	expect(lineRemoval.found.parts).toEqual(['notes']);
	expectGone(story.remove({ text: secret }), story);
	expectGone(story.remove({ text: 'second' }), story, 'second');
});

test('in a fact the value is replaced where it stands; its id, kind and place stay', () => {
	const story = new Story();
	const record = new TestRecord()
		.declare({ title: `prod key is ${secret}` })
		.does(ada, { type: 'rename', title: `no, ${secret}` })
		.does(ada, { type: 'rename', title: 'checkout is down' });
	recordOf(story.person(0)).insert(0, [...record.facts]);
	const before = readIncident(story.person(0), nameOf).timeline.map(({ id }) => id);
	const removal = story.remove({ text: secret });
	expectGone(removal, story);
	expect(removal.found.parts).toEqual(['record']);
	const after = readIncident(removal.live, nameOf);
	expect(after.title).toBe('checkout is down');
	expect(after.timeline.map(({ id }) => id)).toEqual(before);
	expect(after.timeline.map(({ text }) => text)).toContain('Renamed “no, [removed]” by Ada');
	expect(readIncident(documentOf(removal.history.slice(0, 1)), nameOf).title).toBe(
		'checkout is down',
	);
});

test('all that an entry or a task ever said is gone, with who did it, and nothing else', () => {
	const story = new Story();
	const doc = story.person(0);
	const base = { kind: 'note', occurredAt: 1_800_000_000_000 };
	writeEntry(doc, entry, { ...base, text: 'first words', actors: 'Mallory' });
	entryText(doc, entry)?.delete(0, 11);
	entryText(doc, entry)?.insert(0, 'other words');
	writeTask(doc, task, { title: 'rotate the words', order: 'V' });
	impactOf(doc).insert(0, 'words');
	const removal = story.remove({ entry });
	expectGone(removal, story, 'other words');
	expect(allWords(removal.history)).not.toContain('first words');
	expect(allWords(removal.history)).not.toContain('Mallory');
	expect(readIncident(removal.live, nameOf)).toMatchObject({
		impact: 'words',
		timeline: [{ id: entry, kind: 'note', text: '', actors: '[removed]' }],
	});
	expectGone(story.remove({ task }), story, 'rotate');
	expect(taskTitle(story.remove({ task }).live, task)?.toJSON()).toBe('');
});

test('a fact is named alone, and the print of a request goes with its words', () => {
	const story = new Story();
	const record = new TestRecord().declare({}).does(ada, {
		type: 'link',
		url: `https://example.org/${secret}`,
		title: 'Dashboard',
	});
	const link = record.facts.at(-1) as { id: FactId };
	recordOf(story.person(0)).insert(0, [
		...record.facts.slice(0, -1),
		{ ...link, key: 'k', print: 'a digest' },
	]);
	const removal = story.remove({ fact: link.id });
	expectGone(removal, story);
	expect(recordOf(removal.live).toArray().at(-1)).toMatchObject({
		...{ id: link.id, kind: 'link', url: '[removed]', title: '[removed]', key: 'k' },
	});
	expect(allWords(removal.history)).not.toContain('a digest');
});

test('a text is in the mark only if the mark would hold it as it is compared', () => {
	const removable = ['Removed', 'removed it', '[removed].', 'hunter2'];
	expect(['removed', '[removed]', 'move', ' moved]\r\n'].every(isInMark)).toBe(true);
	expect(removable.some(isInMark)).toBe(false);
});

test('words of Muster are no secret: kinds, ids and fields stay as they are', () => {
	const story = new Story();
	const doc = story.person(0);
	writeEntry(doc, entry, { kind: 'note', occurredAt: 1_800_000_000_000, text: 'x' });
	recordOf(doc).insert(0, [...new TestRecord().declare({}).facts]);
	expect(story.remove({ text: 'note' }).found.rewritten).toEqual([]);
	expect(story.remove({ text: 'declared' }).found.rewritten).toEqual([]);
	expect(story.remove({ text: 'nowhere' }).found.rewritten).toEqual([]);
});

test('whatever people do around it, it is gone, and the rest reads as it would', () => {
	const random = seeded(newSeed('removal'));
	for (let run = 0; run < 25; run++) {
		const story = new Story(3);
		const pick = () => story.person(Math.floor(random() * 3));
		for (let i = 0; i < 60; i++) {
			const text = oneOf([impactOf, theoryOf], random)(pick());
			const at = Math.floor(random() * (text.length + 1));
			const act = random();
			if (act < 0.5) text.insert(at, oneOf(['a', 'bc', 'canary', 'can', 'ary', 'c'], random));
			else if (act < 0.8) text.delete(at, Math.min(text.length - at, 1 + Math.floor(random() * 5)));
			else type([text, at], 'canary');
		}
		impactOf(pick()).insert(0, 'canary');
		expectGone(story.remove({ text: 'canary' }), story, 'canary');
	}
});

test('a field that is replaced can be changed by people again: nobody who writes facts wrote it', () => {
	const story = new Story();
	const record = new TestRecord().declare({ title: `down: ${secret}` });
	recordOf(story.person(0)).push(record.facts.map((fact) => ({ ...fact })));
	const actors = `SH (${secret})`;
	writeEntry(story.person(1), entry, { kind: 'note', text: 'x', occurredAt: 5, actors });
	const doc = documentOf(story.remove({ text: secret }).history);
	const writersOf = (items: Iterable<Y.Item | null>) =>
		[...items].flatMap((item) => (item && !item.deleted ? [item.id.client] : []));
	const fields = doc.getMap<Y.Map<unknown>>('entries').get(entry)?._map.values() ?? [];
	expect(writersOf(fields)).toContain(99);
	expect(writersOf(itemsOf(recordOf(doc)))).toContain(98);
	expect(writersOf(itemsOf(recordOf(doc)))).not.toContain(99);
});

function* itemsOf(array: Y.Array<unknown>): Generator<Y.Item> {
	for (let item = array._start; item; item = item.right) yield item;
}
