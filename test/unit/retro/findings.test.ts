import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { EntryId, FindingId } from '#core/ids.ts';
import { createDocument, findingsOf } from '#core/incident/document.ts';
import {
	addCause,
	deleteFinding,
	dropCause,
	flagEvidence,
	moveFinding,
	readFindings,
	writeFinding,
} from '#core/retro/findings.ts';

const first = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as FindingId;
const second = '01ARZ3NDEKTSV4RRFFQ69G5FAW' as FindingId;
const entry = '01ARZ3NDEKTSV4RRFFQ69G5FAX' as EntryId;

test('findings read in their order, with their causes and what shows them', () => {
	const doc = createDocument('editing');
	writeFinding(doc, first, { kind: 'factor', text: 'The pool size was a constant', order: 'V' });
	writeFinding(doc, second, { kind: 'lesson', text: 'Alert on saturation', order: 'Z' });
	addCause(doc, first, { ulid: second, name: 'capacity' });
	flagEvidence(doc, first, { evidence: { kind: 'entry', entry }, isOn: true });
	flagEvidence(doc, first, { evidence: { kind: 'moment', at: 1_000 }, isOn: true });
	moveFinding(doc, second, 'A');
	expect(readFindings(doc)).toEqual([
		{
			...{ id: second, kind: 'lesson', text: 'Alert on saturation', order: 'A' },
			...{ causes: [], entries: [], moments: [] },
		},
		{
			...{ id: first, kind: 'factor', text: 'The pool size was a constant', order: 'V' },
			...{ causes: ['capacity'], entries: [entry], moments: [1_000] },
		},
	]);
	flagEvidence(doc, first, { evidence: { kind: 'entry', entry }, isOn: false });
	deleteFinding(doc, second);
	expect(readFindings(doc)).toMatchObject([{ id: first, entries: [], moments: [1_000] }]);
});

test('two people who each name a cause both have it, and the same name twice is one cause', () => {
	const doc = createDocument('editing');
	writeFinding(doc, first, { kind: 'factor', text: 'a', order: 'V' });
	const other = createDocument('editing');
	Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
	addCause(doc, first, { ulid: first, name: 'capacity' });
	addCause(other, first, { ulid: second, name: 'capacity' });
	addCause(other, first, { ulid: entry, name: 'deploy' });
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
	expect(readFindings(doc)[0]?.causes).toEqual(['capacity', 'deploy']);
	dropCause(doc, first, 'capacity');
	expect(readFindings(doc)[0]?.causes).toEqual(['deploy']);
});

test('odd fields and keys are read as if they were not there', () => {
	const doc = createDocument('editing');
	findingsOf(doc).set('odd', 1);
	const fields = new Y.Map<unknown>();
	findingsOf(doc).set(first, fields);
	fields.set('cause:odd', 'no key');
	fields.set(`cause:${second}`, ' blank');
	fields.set('moment:-1', true);
	fields.set('entry:odd', true);
	expect(readFindings(doc)).toEqual([
		{ id: first, kind: 'factor', text: '', causes: [], entries: [], moments: [], order: '' },
	]);
});
