import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf, notesOf, tasksOf } from '#core/incident/document.ts';
import type { TaskId } from '#core/ids.ts';
import { writeTask } from '#core/incident/tasks.ts';
import type { Person } from '#core/response/access.ts';
import { DeletionWatch } from '#server/sync/turn/deletions.ts';
import type { Incoming } from '#server/sync/turn/incomings.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { ada, grace } from '../../support/record.ts';

const task = '01KAV000000000000000000001' as TaskId;

/** A room's document that people edit, each from a copy of their own. */
function begun(write: (doc: Y.Doc) => void) {
	const hot = createDocument('follower');
	write(hot);
	const watch = new DeletionWatch(hot);
	const incoming = (id: typeof ada, change: (doc: Y.Doc) => void) => {
		const copy = createDocument('editing');
		Y.applyUpdate(copy, Y.encodeStateAsUpdate(hot));
		const before = Y.encodeStateVector(copy);
		change(copy);
		const bytes = Y.encodeStateAsUpdate(copy, before);
		const person: Person = { id, name: '', kind: 'user', access: 'responder' };
		return { peer: { info: { person } }, bytes, scan: scanUpdate(bytes) } as unknown as Incoming;
	};
	const take = (...edits: Incoming[]) =>
		watch.during(edits, () =>
			hot.transact(() => edits.forEach(({ bytes }) => Y.applyUpdate(hot, bytes))),
		);
	return { incoming, take };
}

test.each<{ what: string; length: number; deleted: number; parts: string[] | null }>([
	{ what: 'a few words of a long text', length: 2_000, deleted: 400, parts: null },
	{ what: 'a third of a text', length: 900, deleted: 300, parts: ['impact'] },
	{ what: 'all of a text of a line', length: 200, deleted: 200, parts: null },
	{
		what: 'more than two thousand characters of a very long text',
		length: 20_000,
		deleted: 2_001,
		parts: ['impact'],
	},
])('whoever deletes $what is told of, or not', ({ length, deleted, parts }) => {
	const { incoming, take } = begun((doc) => impactOf(doc).insert(0, 'x'.repeat(length)));
	const found = take(incoming(grace, (doc) => impactOf(doc).delete(0, deleted)));
	expect(found?.parts ?? null).toEqual(parts);
	if (found) expect(found).toMatchObject({ characters: deleted, before: length });
});

test('of several at once it was the one who deleted most, and every part counts', () => {
	const { incoming, take } = begun((doc) => {
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [new Y.XmlText('y'.repeat(500))]);
		notesOf(doc).insert(0, [paragraph]);
		impactOf(doc).insert(0, 'x'.repeat(500));
		writeTask(doc, task, { title: 'z'.repeat(600), order: 'V' });
	});
	const found = take(
		incoming(ada, (doc) => impactOf(doc).delete(0, 3)),
		incoming(grace, (doc) => {
			notesOf(doc).delete(0, 1);
			tasksOf(doc).delete(task);
		}),
	);
	expect(found?.by.id).toBe(grace);
	expect(found?.parts.toSorted()).toEqual(['notes', 'tasks']);
	expect(found).toMatchObject({ characters: 1_100, before: 1_100 });
});

test('typing over what is selected tells of it too, and the next edit of nothing', () => {
	const { incoming, take } = begun((doc) => impactOf(doc).insert(0, 'x'.repeat(500)));
	const over = incoming(grace, (doc) => {
		impactOf(doc).delete(0, 500);
		impactOf(doc).insert(0, 'gone');
	});
	expect(take(over)).not.toBeNull();
	expect(take(incoming(ada, (doc) => impactOf(doc).insert(0, 'back')))).toBeNull();
	expect(take()).toBeNull();
});
