import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf, notesOf, recordOf, entriesOf } from '#core/incident/document.ts';
import { changeEntry, entryText, writeEntry } from '#core/incident/entries.ts';
import type { EntryId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { encodeFacts } from '#server/sync/turn/facts.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { edit, TestGate } from '../../support/gate.ts';
import { seeded } from '../../support/random.ts';
import { ada, grace } from '../../support/record.ts';
import { randomSession } from '../../support/sessions.ts';

const entry = '01KAV000000000000000000001' as EntryId;

describe('the gate', () => {
	test('lets an edit in and tells which entries are new', () => {
		const gate = new TestGate();
		const bytes = edit(gate.copy(), (doc) =>
			writeEntry(doc, entry, { kind: 'note', text: 'pool is full', occurredAt: 1 }),
		);
		expect(gate.judge(bytes)).toMatchObject({ verdict: 'apply', newEntries: [entry] });
	});

	test('what changes nothing is never refused, whoever sends it', () => {
		const gate = new TestGate();
		const readOnly = new Refusal('forbidden', 'You may watch this incident, not change it.');
		const all = Y.encodeStateAsUpdate(gate.hot.doc);
		expect(gate.judge(all, { kind: 'step2', readOnly })).toEqual({ verdict: 'nothing' });
		expect(gate.judge(all, { kind: 'update', readOnly })).toEqual({ verdict: 'nothing' });
	});

	test('a viewer’s write is refused with the reason', () => {
		const gate = new TestGate();
		const readOnly = new Refusal('forbidden', 'You may watch this incident, not change it.');
		const bytes = edit(gate.copy(), (doc) => impactOf(doc).insert(0, 'x'));
		expect(() => gate.judge(bytes, { readOnly })).toThrow(readOnly);
	});

	test('nobody but the server adds to the record, at its end, at its start or beside it', () => {
		const gate = new TestGate();
		const push = edit(gate.copy(), (doc) => recordOf(doc).push([{ kind: 'status' }]));
		const unshift = edit(gate.copy(), (doc) => recordOf(doc).insert(0, [{ kind: 'status' }]));
		const beside = encodeFacts([], { client: 77, clock: 0, after: null });
		const empty = encodeFacts([{ kind: 'x' } as never], { client: 77, clock: 0, after: null });
		for (const bytes of [push, unshift, empty]) {
			expect(() => gate.judge(bytes)).toThrow('The record is written by the server alone.');
		}
		expect(() => scanUpdate(beside)).toThrow('A part is empty.');
	});

	test('nobody deletes from the record', () => {
		const gate = new TestGate();
		const bytes = edit(gate.copy(), (doc) => recordOf(doc).delete(0, 1));
		expect(() => gate.judge(bytes)).toThrow('The record is written by the server alone.');
	});

	test('a root that is not ours is refused', () => {
		const gate = new TestGate();
		const bytes = edit(gate.copy(), (doc) => doc.getMap('status').set('status', 'closed'));
		expect(() => gate.judge(bytes)).toThrow('The document has no such part.');
	});

	test('nobody writes under another person’s client id', () => {
		const gate = new TestGate();
		const hers = gate.copy();
		gate.take(
			edit(hers, (doc) => impactOf(doc).insert(0, 'a')),
			ada,
		);
		const forged = gate.copy();
		forged.clientID = hers.clientID;
		const bytes = edit(forged, (doc) => impactOf(doc).insert(1, 'forged'));
		expect(() => gate.judge(bytes, { person: grace })).toThrow('a client id of somebody else');
		expect(gate.judge(bytes, { person: ada }).verdict).toBe('apply');
	});

	test('of two who come with one client id the later does not fit; who writes on under it is a forger', () => {
		const gate = new TestGate();
		const hers = gate.copy();
		gate.hot.clients.set(hers.clientID, ada); // as her caret was seen
		const his = gate.copy();
		his.clientID = hers.clientID;
		const bytes = edit(his, (doc) => impactOf(doc).insert(0, 'first'));
		const as = (code: string) => expect.objectContaining({ code }) as Error;
		expect(() => gate.judge(bytes, { person: grace })).toThrow(as('conflict'));
		gate.take(bytes, ada);
		const next = edit(his, (doc) => impactOf(doc).insert(5, ' and more'));
		expect(() => gate.judge(next, { person: grace })).toThrow(as('invalid'));
	});

	test('nobody writes under the server’s client ids', () => {
		const gate = new TestGate();
		const [server] = [...gate.hot.doc.store.clients.keys()];
		const forged = gate.copy();
		forged.clientID = server ?? 0;
		const bytes = edit(forged, (doc) => impactOf(doc).insert(0, 'forged'));
		expect(() => gate.judge(bytes)).toThrow('a client id of somebody else');
	});

	test('an edit that builds on what is missing here waits, and so does a deletion of it', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		edit(doc, (own) => impactOf(own).insert(0, 'lost'));
		const later = edit(doc, (own) => impactOf(own).insert(4, ' found'));
		const deletion = edit(doc, (own) => impactOf(own).delete(0, 2));
		expect(gate.judge(later)).toEqual({ verdict: 'hold' });
		expect(gate.judge(deletion)).toEqual({ verdict: 'hold' });
		expect(gate.judge(Y.encodeStateAsUpdate(doc), { kind: 'step2' }).verdict).toBe('apply');
	});

	test('edits of two clients that build on each other are refused', () => {
		const gate = new TestGate();
		const deleted = 0x81; // a deleted part with an origin
		const circle = Uint8Array.of(2, 1, 5, 0, deleted, 6, 0, 1, 1, 6, 0, deleted, 5, 0, 1, 0);
		expect(() => gate.judge(circle)).toThrow('build on each other');
	});

	test('edits of several clients that build on each other in turn are let in', () => {
		const gate = new TestGate();
		const copies = [gate.copy(), gate.copy(), gate.copy()] as const;
		for (let round = 0; round < 30; round++) {
			for (const [i, doc] of copies.entries()) {
				for (const other of copies) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
				impactOf(doc).insert((round * 7 + i) % (impactOf(doc).length + 1), 'abc');
			}
		}
		const bytes = Y.encodeStateAsUpdate(copies[2], Y.encodeStateVector(gate.hot.doc));
		expect(gate.judge(bytes, { kind: 'step2' }).verdict).toBe('apply');
	});

	test('of an edit whose beginning is here only the rest is taken, where the beginning stands', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		const first = edit(doc, (own) => {
			impactOf(own).insert(0, 'a');
			const paragraph = new Y.XmlElement('paragraph');
			paragraph.insert(0, [new Y.XmlText('pool')]);
			notesOf(own).insert(0, [paragraph]);
		});
		gate.take(first, ada);
		gate.take(
			edit(gate.copy(), (other) => notesOf(other).delete(0, 1)),
			grace,
		);
		const isText = 0x84; // with an origin
		const id = encoding.encode((encoder) => encoding.writeVarUint(encoder, doc.clientID));
		const begun = Uint8Array.of(1, 1, ...id, 5, isText, ...id, 0, 4, 98, 99, 100, 101, 0);
		gate.take(begun, ada);
		expect(impactOf(gate.hot.doc).toJSON()).toBe('a');
		expect(impactOf(gate.copy()).toJSON()).toBe('a');
	});

	test('nothing is placed between two parts that are not in the same place', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		gate.take(
			edit(doc, (own) => {
				impactOf(own).insert(0, 'a');
				own.getText('theory').insert(0, 'b');
			}),
			ada,
		);
		const text = 4;
		const between = 0xc0 | text;
		const id = encoding.encode((encoder) => encoding.writeVarUint(encoder, doc.clientID));
		const [left, right] = [Uint8Array.of(...id, 0), Uint8Array.of(...id, 1)];
		const torn = Uint8Array.of(1, 1, 5, 0, between, ...left, ...right, 1, 120, 0);
		expect(() => gate.judge(torn)).toThrow('neighbours from different places');
	});

	test('nothing that people write together is refused', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
				const gate = new TestGate();
				const random = seeded(seed);
				for (let round = 0; round < 4; round++) {
					const from = Y.encodeStateAsUpdate(gate.hot.doc);
					const sessions = [1, 2, 3].map(() => randomSession(random, { edits: 12, from }));
					const inTurns = [...Array(24).keys()].flatMap((i) => {
						return sessions.flatMap(({ updates }) => updates.slice(i, i + 1));
					});
					for (const update of inTurns) {
						if (gate.judge(update).verdict !== 'nothing') gate.take(update, ada);
					}
					const all = sessions.map(({ doc }) => Y.encodeStateAsUpdate(doc));
					for (const bytes of all) expect(gate.judge(bytes)).toEqual({ verdict: 'nothing' });
				}
			}),
			{ numRuns: 15 },
		);
	});

	test('of a step 2 with others’ lost edits only the sender’s own complete part is taken', () => {
		const gate = new TestGate();
		const hers = gate.copy();
		gate.take(
			edit(hers, (doc) => impactOf(doc).insert(0, 'a')),
			ada,
		);
		edit(hers, (doc) => impactOf(doc).insert(1, ' lost'));
		const mine = gate.copy(hers);
		edit(mine, (doc) => doc.getText('theory').insert(0, 'my own'));
		const bytes = Y.encodeStateAsUpdate(mine);
		const verdict = gate.judge(bytes, { person: grace, kind: 'step2' });
		expect(verdict).toMatchObject({ verdict: 'apply', isPartial: true, clients: [mine.clientID] });
		if (verdict.verdict === 'apply') gate.hot.apply([verdict.bytes]);
		expect(gate.hot.doc.getText('theory').toJSON()).toBe('my own');
		expect(impactOf(gate.hot.doc).toJSON()).toBe('a');
	});

	test('a step 2 that is ahead of a node whose store is away waits; only what is known as the sender’s is taken', () => {
		const gate = new TestGate();
		const mine = gate.copy();
		gate.take(
			edit(mine, (doc) => impactOf(doc).insert(0, 'a')),
			grace,
		);
		Y.applyUpdate(
			mine,
			encodeFacts([{ kind: 'x' } as never], { client: 77, clock: 0, after: null }),
		);
		edit(mine, (doc) => impactOf(doc).insert(1, 'b'));
		const bytes = Y.encodeStateAsUpdate(mine);
		const asked = { person: grace, kind: 'step2' } as const;
		expect(() => gate.judge(bytes, asked)).toThrow('The record is written by the server alone.');
		expect(gate.judge(bytes, { ...asked, mayLack: true })).toMatchObject({
			verdict: 'apply',
			isPartial: true,
			clients: [mine.clientID],
		});
	});

	test('own edits that build on others’ lost ones wait for their authors', () => {
		const gate = new TestGate();
		const hers = gate.copy();
		gate.take(
			edit(hers, (doc) => impactOf(doc).insert(0, 'a')),
			ada,
		);
		edit(hers, (doc) => impactOf(doc).insert(1, ' lost'));
		const mine = gate.copy(hers);
		edit(mine, (doc) => impactOf(doc).insert(6, ' and on'));
		const verdict = gate.judge(Y.encodeStateAsUpdate(mine), { person: grace, kind: 'step2' });
		expect(verdict).toEqual({ verdict: 'hold' });
	});

	test('an entry is struck and typed in, by anybody, but never replaced, removed or emptied whole', () => {
		const gate = new TestGate();
		const note = { kind: 'note', text: 'pool is full', occurredAt: 1 };
		gate.take(
			edit(gate.copy(), (doc) => writeEntry(doc, entry, note)),
			ada,
		);
		const forged = { kind: 'note', text: 'never said', occurredAt: 1 };
		const fieldsOf = (doc: Y.Doc) => entriesOf(doc).get(entry) as Y.Map<unknown>;
		const beside = createDocument('editing');
		const attacks = [
			edit(gate.copy(), (doc) => writeEntry(doc, entry, forged)),
			edit(gate.copy(), (doc) => entriesOf(doc).delete(entry)),
			edit(gate.copy(), (doc) => fieldsOf(doc).set('text', new Y.Text('never said'))),
			edit(gate.copy(), (doc) => fieldsOf(doc).delete('text')),
			edit(beside, (doc) => writeEntry(doc, entry, forged)),
		];
		for (const bytes of attacks) {
			expect(() => gate.judge(bytes, { person: grace })).toThrow('struck, never removed');
		}
		const changes = [
			edit(gate.copy(), (doc) => changeEntry(doc, entry, { struck: true, kind: 'finding' })),
			edit(gate.copy(), (doc) => changeEntry(doc, entry, { endedAt: 5 })),
			edit(gate.copy(), (doc) => entryText(doc, entry)?.delete(0, 12)),
			edit(gate.copy(), (doc) => entryText(doc, entry)?.insert(4, ' of db1')),
		];
		for (const bytes of changes) {
			expect(gate.judge(bytes, { person: grace }).verdict).toBe('apply');
		}
	});
});
