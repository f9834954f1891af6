import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { FindingId } from '#core/ids.ts';
import { createDocument, recordOf, reportOf } from '#core/incident/document.ts';
import { writtenIn } from '#core/retro/approvals.ts';
import { addCause, dropCause, findingText, writeFinding } from '#core/retro/findings.ts';
import { writeBlocks } from '#core/retro/writeBlocks.ts';

const finding = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as FindingId;
const cause = { ulid: '01ARZ3NDEKTSV4RRFFQ69G5FAW', name: 'capacity' };

/** Everything that people do to a text, one after the other. */
const edits: readonly ((doc: Y.Doc) => void)[] = [
	(doc) =>
		writeBlocks(reportOf(doc), [{ kind: 'paragraph', spans: [{ text: 'The pool is full' }] }]),
	(doc) => textIn(doc).insert(3, ' small'),
	(doc) => textIn(doc).delete(3, 6),
	(doc) => textIn(doc).format(0, 3, { bold: true }),
	(doc) => textIn(doc).format(0, 3, { bold: null }),
	(doc) => reportOf(doc).delete(0, 1),
	(doc) => writeFinding(doc, finding, { kind: 'factor', text: 'a constant', order: 'V' }),
	(doc) => findingText(doc, finding)?.insert(0, 'It was '),
	(doc) => addCause(doc, finding, cause),
	(doc) => dropCause(doc, finding, cause.name),
];

test('every edit of the report or the findings makes another text, the same one in every copy', () => {
	const doc = createDocument('editing');
	const seen = [writtenIn(doc)];
	for (const edit of edits) {
		edit(doc);
		seen.push(writtenIn(doc));
	}
	expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
	const copy = createDocument('follower');
	Y.applyUpdateV2(copy, Y.encodeStateAsUpdateV2(doc));
	expect(writtenIn(copy)).toBe(writtenIn(doc));
});

test('what two people write at once is as much in both copies', () => {
	const [his, hers] = [createDocument('editing'), createDocument('editing')];
	edits[0]?.(his);
	Y.applyUpdate(hers, Y.encodeStateAsUpdate(his));
	textIn(his).delete(0, 8);
	textIn(hers).insert(4, 'old ');
	textIn(hers).format(0, 8, { bold: true });
	const [from, to] = [Y.encodeStateAsUpdate(his), Y.encodeStateAsUpdate(hers)];
	Y.applyUpdate(his, to);
	Y.applyUpdate(hers, from);
	Y.applyUpdate(his, Y.encodeStateAsUpdate(hers));
	expect(writtenIn(his)).toBe(writtenIn(hers));
});

test('what the server notes of it changes no text', () => {
	const doc = createDocument('editing');
	edits[0]?.(doc);
	const before = writtenIn(doc);
	recordOf(doc).push([{ kind: 'commented', text: 'Why so long?' }, { kind: 'approved' }]);
	expect(writtenIn(doc)).toBe(before);
});

function textIn(doc: Y.Doc): Y.XmlText {
	const [first] = reportOf(doc).toArray();
	const text = first instanceof Y.XmlElement ? first.get(0) : null;
	if (!(text instanceof Y.XmlText)) throw new Error('no text');
	return text;
}
