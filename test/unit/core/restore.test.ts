import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf, notesOf, theoryOf } from '#core/incident/document.ts';
import { readEntries } from '#core/incident/entries.ts';
import { readNotes } from '#core/incident/notes.ts';
import { restorableParts } from '#core/incident/parts.ts';
import { restoringUpdate } from '#core/incident/restore.ts';
import { readTasks } from '#core/incident/tasks.ts';
import { newSeed, oneOf, seeded } from '../../support/random.ts';
import { editAtRandom } from '../../support/randomEdits.ts';

/** What people read of everything that goes back. */
function partsOf(doc: Y.Doc) {
	return {
		impact: impactOf(doc).toJSON(),
		theory: theoryOf(doc).toJSON(),
		notes: readNotes(doc),
		tasks: readTasks(doc),
	};
}

function copyOf(update: Uint8Array, kind: 'editing' | 'follower' = 'editing'): Y.Doc {
	const doc = createDocument(kind);
	Y.applyUpdate(doc, update);
	return doc;
}

/** Three people edit at random, now and then hearing of each other. */
function work(people: readonly [Y.Doc, ...Y.Doc[]], edits: number, random: () => number): void {
	for (let i = 0; i < edits; i++) {
		editAtRandom(oneOf(people, random), random);
		if (random() < 0.2) merge(people);
	}
	merge(people);
}

function merge(people: readonly Y.Doc[]): void {
	const updates = people.map((doc) => Y.encodeStateAsUpdate(doc));
	for (const doc of people) for (const update of updates) Y.applyUpdate(doc, update);
}

let client = 4_000_000_000;

/** The update that brings `now` back to `version`, both as states. */
function restoring(version: Uint8Array, now: Y.Doc, parts = restorableParts as never) {
	const doc = copyOf(version, 'follower');
	const later = Y.encodeStateAsUpdate(now, Y.encodeStateVector(doc));
	return restoringUpdate(doc, later, { client: client++, parts });
}

test('a restored incident reads as it did at that version, formatting included, whatever came after', () => {
	const random = seeded(newSeed('restore'));
	for (let round = 0; round < 40; round++) {
		const people = [1, 2, 3].map(() => createDocument('editing')) as [Y.Doc, Y.Doc, Y.Doc];
		work(people, 25, random);
		const version = Y.encodeStateAsUpdate(people[0]);
		const then = { ...partsOf(people[0]), entries: readEntries(people[0]) };
		work(people, 25, random);
		const server = copyOf(Y.encodeStateAsUpdate(people[0]), 'follower');
		const update = restoring(version, server);
		const offline = people[1];
		if (update) Y.applyUpdate(server, update);
		expect(partsOf(server), `round ${round}`).toEqual(partsOf(copyOf(version)));
		const now = new Map(readEntries(server).map((entry) => [entry.id, entry]));
		for (const { id, text, struck } of then.entries) {
			expect(now.get(id)).toMatchObject({ text, struck });
		}
		for (let i = 0; i < 5; i++) editAtRandom(offline, random);
		if (update) Y.applyUpdate(offline, update);
		// Whoever edits tidies redundant marks away; that is an edit too.
		Y.applyUpdate(server, Y.encodeStateAsUpdate(offline));
		expect(partsOf(offline)).toEqual(partsOf(server));
	}
});

test('what is restored twice stays as it is', () => {
	const doc = createDocument('editing');
	impactOf(doc).insert(0, '18 % of checkouts fail');
	const version = Y.encodeStateAsUpdate(doc);
	impactOf(doc).delete(0, 22);
	Y.applyUpdate(doc, restoring(version, doc) as Uint8Array);
	expect(impactOf(doc).toJSON()).toBe('18 % of checkouts fail');
	expect(restoring(version, doc)).toBeNull();
});

test('what somebody wrote offline merges once, whatever was restored meanwhile', () => {
	const server = createDocument('follower');
	impactOf(server).insert(0, '18 % of checkouts fail');
	const version = Y.encodeStateAsUpdate(server);
	const linus = copyOf(version);
	impactOf(server).delete(0, 22);
	Y.applyUpdate(server, restoring(version, server) as Uint8Array);
	impactOf(linus).insert(22, ' in the east');
	for (let times = 0; times < 2; times++) {
		Y.applyUpdate(server, Y.encodeStateAsUpdate(linus));
		Y.applyUpdate(linus, Y.encodeStateAsUpdate(server));
	}
	for (const doc of [server, linus]) {
		expect(impactOf(doc).toJSON()).toBe('18 % of checkouts fail in the east');
	}
});

test('only the parts that are asked for go back', () => {
	const doc = createDocument('editing');
	impactOf(doc).insert(0, 'a');
	theoryOf(doc).insert(0, 'b');
	const version = Y.encodeStateAsUpdate(doc);
	impactOf(doc).insert(1, 'a');
	theoryOf(doc).insert(1, 'b');
	Y.applyUpdate(doc, restoring(version, doc, ['theory'] as never) as Uint8Array);
	expect(impactOf(doc).toJSON() + theoryOf(doc).toJSON()).toBe('aab');
	expect(notesOf(doc).length).toBe(0);
});
