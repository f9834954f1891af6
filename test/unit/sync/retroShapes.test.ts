import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { FindingId } from '#core/ids.ts';
import { findingsOf, impactOf, recordOf, reportOf } from '#core/incident/document.ts';
import { addCause, findingText, flagEvidence, writeFinding } from '#core/retro/findings.ts';
import { edit, TestGate } from '../../support/gate.ts';

const finding = '01KAV000000000000000000001' as FindingId;
const other = '01KAV000000000000000000002';

function retro(): TestGate {
	const gate = new TestGate('retro');
	gate.takeAll(
		edit(gate.copy(), (doc) => {
			reportOf(doc).insert(0, [paragraph('What happened')]);
			writeFinding(doc, finding, { kind: 'factor', text: 'The pool was small', order: 'V' });
		}),
	);
	return gate;
}

function paragraph(words: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(words)]);
	return element;
}

function reference(of: string): Y.XmlElement {
	const element = new Y.XmlElement('reference');
	element.setAttribute('of', of);
	return element;
}

const fieldsOf = (doc: Y.Doc) => findingsOf(doc).get(finding) as Y.Map<unknown>;

describe('of a retrospective the gate lets in', () => {
	const good: Record<string, (doc: Y.Doc) => void> = {
		'text in its report': (doc) => reportOf(doc).insert(1, [paragraph('more')]),
		'a reference': (doc) => reportOf(doc).insert(0, [reference('timeline')]),
		'a change of a finding': (doc) => findingText(doc, finding)?.insert(0, 'so '),
		'a cause': (doc) => addCause(doc, finding, { ulid: other, name: 'capacity' }),
		'a line of the timeline as evidence': (doc) =>
			flagEvidence(doc, finding, {
				evidence: { kind: 'entry', entry: other as never },
				isOn: true,
			}),
		'a moment as evidence': (doc) =>
			flagEvidence(doc, finding, { evidence: { kind: 'moment', at: 5 }, isOn: true }),
		'a finding that goes': (doc) => findingsOf(doc).delete(finding),
	};
	for (const [what, change] of Object.entries(good)) {
		test(what, () => {
			const gate = retro();
			expect(gate.judge(edit(gate.copy(), change)).verdict).toBe('apply');
		});
	}
});

describe('of a retrospective the gate refuses', () => {
	const bad: Record<string, (doc: Y.Doc) => void> = {
		'a root of the room': (doc) => impactOf(doc).insert(0, 'all of it'),
		'the record': (doc) => recordOf(doc).push([{ kind: 'published' }]),
		'a reference to what there is not': (doc) => reportOf(doc).insert(0, [reference('people')]),
		'a reference inside a paragraph': (doc) =>
			(reportOf(doc).get(0) as Y.XmlElement).insert(0, [reference('timeline')]),
		'a node that no editor writes': (doc) => reportOf(doc).insert(0, [new Y.XmlElement('script')]),
		'a cause of several lines': (doc) =>
			addCause(doc, finding, { ulid: other, name: 'capacity\nplanning' }),
		'a cause without end': (doc) => addCause(doc, finding, { ulid: other, name: 'c'.repeat(65) }),
		'a key that says nothing': (doc) => void fieldsOf(doc).set('cause:mine', 'capacity'),
		'a kind that there is not': (doc) => void fieldsOf(doc).set('kind', 'blame'),
		'a finding under another key': (doc) => void findingsOf(doc).set('mine', new Y.Map()),
	};
	for (const [what, change] of Object.entries(bad)) {
		test(what, () => {
			const gate = retro();
			const before = Y.encodeStateAsUpdate(gate.hot.doc);
			expect(() => gate.judge(edit(gate.copy(), change))).toThrow();
			expect(Buffer.compare(Y.encodeStateAsUpdate(gate.hot.doc), before)).toBe(0);
		});
	}
});

test('[R6] the room takes nothing that belongs to its retrospective', () => {
	const gate = new TestGate();
	const write = (doc: Y.Doc) => reportOf(doc).insert(0, [paragraph('What happened')]);
	expect(() => gate.judge(edit(gate.copy(), write))).toThrow('no such part');
});
