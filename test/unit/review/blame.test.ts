import { expect, it } from 'vitest';
import * as Y from 'yjs';
import type { EntryId } from '#core/ids.ts';
import { createDocument, impactOf, notesOf } from '#core/incident/document.ts';
import { entryText } from '#core/incident/entries.ts';
import { Authors } from '#core/review/blame.ts';
import { Replay } from '#core/review/replay.ts';
import { ada, grace, linus, TestRecord } from '../../support/record.ts';
import { ToldHistory } from '../../support/toldHistory.ts';

function begin() {
	return new ToldHistory(new TestRecord().declare());
}

function reviewed(told: ToldHistory) {
	const replay = new Replay();
	replay.add(told.turns);
	const authors = new Authors();
	authors.add(told.turns);
	return { doc: replay.latest, authors };
}

it('a sentence that three people wrote is three passages in its order', () => {
	const told = begin();
	told.turn((doc) => impactOf(doc).insert(0, 'checkouts fail'), { by: ada, client: 21 });
	told.turn((doc) => impactOf(doc).insert(0, '18 % of '), { by: grace, client: 22 });
	told.turn((doc) => impactOf(doc).insert(8, 'all '), { by: linus, client: 23 });
	const { doc, authors } = reviewed(told);
	expect(authors.passagesOf(impactOf(doc)).map(({ person, text }) => [person, text])).toEqual([
		[grace, '18 % of '],
		[linus, 'all '],
		[ada, 'checkouts fail'],
	]);
});

it('what somebody typed letter by letter is one passage, after a pause another', () => {
	const told = begin();
	for (const letter of 'pool')
		told.turn((doc) => impactOf(doc).insert(impactOf(doc).length, letter));
	told.record.later(5 * 60_000);
	for (const letter of ' full')
		told.turn((doc) => impactOf(doc).insert(impactOf(doc).length, letter));
	const { doc, authors } = reviewed(told);
	expect(authors.passagesOf(impactOf(doc)).map(({ text }) => text)).toEqual(['pool', ' full']);
});

it('the server writes for many under one client id: each of them is told apart', () => {
	const told = begin();
	const entry = (n: number) => `01KAV00000000000000000000${n}` as EntryId;
	told.logs(ada, entry(1), { kind: 'note', text: 'from ada', occurredAt: 1 });
	told.logs(grace, entry(2), { kind: 'note', text: 'from grace', occurredAt: 2 });
	const { doc, authors } = reviewed(told);
	const who = (id: EntryId) =>
		authors.passagesOf(entryText(doc, id) ?? new Y.Text()).map(({ person }) => person);
	expect([who(entry(1)), who(entry(2))]).toEqual([[ada], [grace]]);
});

it('what was deleted is nobody’s, and what a copy sends again stays whose it was', () => {
	const told = begin();
	told.turn((doc) => impactOf(doc).insert(0, 'all fail'), { by: ada, client: 21 });
	told.turn((doc) => impactOf(doc).delete(0, 4), { by: grace, client: 22 });
	const copy = createDocument('editing');
	for (const { edits } of told.turns) for (const { bytes } of edits) Y.applyUpdate(copy, bytes);
	const { turn = 0, at = 0, edits = [] } = told.turns.at(-1) ?? {};
	const again = { ...edits[0], person: grace, bytes: Y.encodeStateAsUpdate(copy) };
	told.turns.push({ turn: turn + 1, at, edits: [again as (typeof edits)[0]] });
	const { doc, authors } = reviewed(told);
	expect(authors.passagesOf(impactOf(doc)).map(({ person, text }) => [person, text])).toEqual([
		[ada, 'fail'],
	]);
});

it('notes are told block by block', () => {
	const told = begin();
	const paragraph = (text: string) => {
		const element = new Y.XmlElement('paragraph');
		element.insert(0, [new Y.XmlText(text)]);
		return element;
	};
	told.turn((doc) => notesOf(doc).insert(0, [paragraph('call the bank')]), { by: ada, client: 21 });
	told.turn((doc) => notesOf(doc).insert(1, [paragraph('done')]), { by: grace, client: 22 });
	const { doc, authors } = reviewed(told);
	const blocks = authors.passagesOfNotes(doc);
	expect(blocks.map((block) => block.map(({ person, text }) => [person, text]))).toEqual([
		[[ada, 'call the bank']],
		[[grace, 'done']],
	]);
});
