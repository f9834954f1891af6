import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { EntryId, TaskId } from '#core/ids.ts';
import { createDocument, impactOf, notesOf, recordOf, theoryOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { foldRecord } from '#core/incident/fold.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readFacts } from '#core/incident/record.ts';
import { writeTask } from '#core/incident/tasks.ts';
import { oddContents, oddDocument } from '../../support/oddDocuments.ts';
import { ada, grace, nameOf, TestRecord } from '../../support/record.ts';

const entry = (n: number) => `01KAV00000000000000000000${n}` as EntryId;

function documentOf(record: TestRecord): Y.Doc {
	const doc = createDocument('follower');
	recordOf(doc).push(record.facts.map((fact) => ({ ...fact })));
	return doc;
}

describe('the reading of an incident', () => {
	test('holds everything that the document says, names joined, instants in epoch milliseconds', () => {
		const record = new TestRecord().declare({ severity: 'SEV2' }).logs(grace, entry(1));
		const doc = documentOf(record);
		writeEntry(doc, entry(1), { kind: 'note', text: 'pool at 60/60', occurredAt: record.now - 5 });
		writeTask(doc, entry(2) as string as TaskId, {
			title: 'roll back',
			assignee: grace,
			order: 'V',
		});
		impactOf(doc).insert(0, '18 % of checkouts fail');
		theoryOf(doc).insert(0, 'pool exhausted');
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [new Y.XmlText('call the bank')]);
		notesOf(doc).insert(0, [paragraph]);

		expect(readIncident(doc, nameOf)).toMatchObject({
			number: 42,
			title: 'checkout is down',
			severity: 'SEV2',
			status: 'investigating',
			declaredBy: ada,
			roles: { commander: { person: ada, since: record.now, acting: true }, ops: null },
			impact: '18 % of checkouts fail',
			theory: 'pool exhausted',
			notes: 'call the bank',
			tasks: [{ title: 'roll back', assignee: grace, done: false, due: null, order: 'V' }],
		});
	});

	test('an entry tells who logged it and when, once the server has it', () => {
		const record = new TestRecord().declare();
		const doc = documentOf(record);
		writeEntry(doc, entry(1), { kind: 'note', text: 'x', occurredAt: 5 });
		const line = () => readIncident(doc, nameOf).timeline.find(({ id }) => id === entry(1));
		expect(line()).toMatchObject({ by: null, recordedAt: null });
		record.later(1_000).logs(grace, entry(1));
		recordOf(doc).push([{ ...record.facts.at(-1) }]);
		expect(line()).toMatchObject({ by: grace, recordedAt: record.now, occurredAt: 5 });
	});

	test('the first to log an entry stays the one who logged it', () => {
		const record = new TestRecord().declare().logs(grace, entry(1)).logs(ada, entry(1));
		const doc = documentOf(record);
		writeEntry(doc, entry(1), { kind: 'note', text: 'x', occurredAt: 5 });
		const line = readIncident(doc, nameOf).timeline.find(({ id }) => id === entry(1));
		expect(line?.by).toBe(grace);
	});

	test('entries and facts are one list by when they happened, then by id', () => {
		const record = new TestRecord().declare();
		const doc = documentOf(record);
		const times = [record.now + 1, record.now - 1, record.now - 1, record.now];
		times.forEach((occurredAt, n) => {
			writeEntry(doc, entry(n), { kind: 'note', text: String(n), occurredAt });
		});
		const { timeline } = readIncident(doc, nameOf);
		expect(timeline.filter(({ source }) => source === 'entry').map(({ text }) => text)).toEqual([
			'1',
			'2',
			'3',
			'0',
		]);
		const places = timeline.map(({ occurredAt, id }) => [occurredAt, id] as const);
		expect(places).toEqual(
			places.toSorted(([at, id], [otherAt, otherId]) => at - otherAt || (id < otherId ? -1 : 1)),
		);
	});

	test('is the same whichever way the document came to be', () => {
		const record = new TestRecord().declare();
		const doc = documentOf(record);
		for (const n of [3, 1, 2]) {
			writeEntry(doc, entry(n), { kind: 'note', text: String(n), occurredAt: 7 });
		}
		const copy = createDocument('follower');
		Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
		expect(readIncident(copy, nameOf)).toEqual(readIncident(doc, nameOf));
	});
});

describe('odd documents', () => {
	test('are read without a throw, into data that JSON, dates and a list can hold', () => {
		fc.assert(
			fc.property(oddContents, (odd) => {
				const incident = readIncident(oddDocument(odd), nameOf);
				const again = JSON.parse(JSON.stringify(incident)) as typeof incident;
				expect(again).toEqual(incident);
				for (const { occurredAt, endedAt, recordedAt } of incident.timeline) {
					for (const at of [occurredAt, endedAt ?? 0, recordedAt ?? 0]) {
						expect(new Date(at).toISOString()).toMatch(/^\d{4}-/);
					}
				}
			}),
			{ numRuns: 200 },
		);
	});

	test('fold to the same state every time, fact by fact or at once', () => {
		fc.assert(
			fc.property(oddContents, (odd) => {
				const facts = readFacts(oddDocument(odd));
				const whole = foldRecord(facts);
				expect(foldRecord(facts)).toEqual(whole);
				const middle = Math.floor(facts.length / 2);
				const half = foldRecord(facts.slice(0, middle));
				expect(foldRecord(facts.slice(middle), half)).toEqual(whole);
			}),
		);
	});

	test('a heading, a task and an entry that are not quite right are read as far as they go', () => {
		const doc = createDocument('follower');
		doc.getMap('entries').set(entry(1), new Y.Map(Object.entries({ occurredAt: 5, kind: 7 })));
		doc.getMap('entries').set(entry(2), new Y.Map(Object.entries({ occurredAt: 'noon' })));
		doc.getMap('tasks').set(entry(1), new Y.Map(Object.entries({ due: NaN, order: 'é' })));
		const heading = new Y.XmlElement('heading');
		heading.setAttribute('level', { toString: 1, valueOf: 1 } as unknown as string);
		heading.insert(0, [new Y.XmlText('plan')]);
		notesOf(doc).insert(0, [heading]);
		const { timeline, tasks, notes } = readIncident(doc, nameOf);
		expect(timeline).toMatchObject([{ id: entry(1), kind: 'note', text: '', occurredAt: 5 }]);
		expect(tasks).toMatchObject([{ title: '', assignee: null, due: null, order: '' }]);
		expect(notes).toBe('## plan');
	});

	test("rich text in place of an entry's text is no text, whatever its marks hold", () => {
		const doc = createDocument('follower');
		const text = new Y.XmlText();
		text.insert(0, 'rich', { bold: { deep: { toString: 1, valueOf: 1 } } });
		doc
			.getMap('entries')
			.set(entry(1), new Y.Map<unknown>(Object.entries({ occurredAt: 5, text })));
		expect(readIncident(doc, nameOf).timeline).toMatchObject([{ text: '' }]);
	});

	test('notes nested five hundred deep are read to a certain depth', () => {
		for (const name of ['blockquote', 'nonsense', 'paragraph', 'bulletList']) {
			const doc = createDocument('follower');
			let parent: Y.XmlFragment = notesOf(doc);
			for (let depth = 0; depth < 500; depth++) {
				const child = new Y.XmlElement(name);
				parent.insert(0, [child]);
				parent = child;
			}
			parent.insert(0, [new Y.XmlText('the bottom')]);
			expect(readIncident(doc, nameOf).notes).not.toContain('the bottom');
		}
	});
});
