import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, roots } from '#core/incident/document.ts';
import { Refusal } from '#core/refusal.ts';
import type { Verdict } from '#server/sync/gate/judge.ts';
import { Malformed } from '#server/sync/gate/reader.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { TestGate } from '../../support/gate.ts';
import { isLarge } from '../../support/large.ts';
import { mutantOf } from '../../support/mutants.ts';
import { newSeed, oneOf, seeded } from '../../support/random.ts';
import { editAtRandom } from '../../support/randomEdits.ts';
import { unitsIn } from '../../support/reading.ts';

const mutants = isLarge ? 1_000_000 : 3_000;
const mutantsPerRoom = 100;

/** Updates that somebody could send next to a room that people edited for a while. */
function busyRoom(random: () => number): {
	gate: TestGate;
	updates: [Uint8Array, ...Uint8Array[]];
} {
	const gate = new TestGate();
	const copies = [gate.copy(), gate.copy(), gate.copy()] as const;
	for (const [i, doc] of copies.entries())
		doc.clientID = 1_000 + Math.floor(random() * 1e6) * 3 + i;
	const pending: Uint8Array[] = [];
	for (let round = 0; round < 4; round++) {
		for (const doc of copies) {
			Y.applyUpdate(doc, Y.encodeStateAsUpdate(gate.hot.doc));
			const before = Y.encodeStateVector(doc);
			for (let i = 0; i < 3; i++) editAtRandom(doc, random);
			pending.push(Y.encodeStateAsUpdate(doc, before));
		}
		if (round === 3) break;
		for (const update of pending.splice(0)) gate.takeAll(update);
	}
	return { gate, updates: pending as [Uint8Array, ...Uint8Array[]] };
}

function verdictOn(gate: TestGate, bytes: Uint8Array, random: () => number): Verdict | null {
	try {
		return gate.judge(bytes, { kind: random() < 0.5 ? 'update' : 'step2' });
	} catch (error) {
		if (error instanceof Malformed || error instanceof Refusal) return null;
		throw error;
	}
}

/** What the gate read of an update is what Yjs reads. */
function expectSameReading(bytes: Uint8Array): void {
	const read = Y.decodeUpdate(bytes).structs.filter((struct) => struct instanceof Y.Item);
	const scanned = scanUpdate(bytes).blocks.flatMap(({ items }) => items);
	const idOf = (id: { client: number; clock: number } | null) => id && [id.client, id.clock];
	const ours = scanned.map(({ client, clock, end, left, right, key }) => {
		return [client, clock, end, idOf(left), idOf(right), key];
	});
	const theirs = read.map(({ id, length, origin, rightOrigin, parentSub }) => {
		return [id.client, id.clock, id.clock + length, idOf(origin), idOf(rightOrigin), parentSub];
	});
	expect(ours).toEqual(theirs);
}

function expectSame(gate: TestGate, peer: Y.Doc): void {
	expect(gate.hot.doc.store.pendingStructs).toBeNull();
	expect(gate.hot.doc.store.pendingDs).toBeNull();
	const hot = unitsIn(gate.hot.doc);
	const fresh = createDocument('follower');
	Y.applyUpdate(fresh, Y.encodeStateAsUpdate(gate.hot.doc));
	const replayed = createDocument('follower');
	for (const bytes of gate.taken) Y.applyUpdate(replayed, bytes);
	const atOnce = createDocument('follower');
	atOnce.transact(() => gate.taken.forEach((bytes) => Y.applyUpdate(atOnce, bytes)));
	for (const doc of [fresh, replayed, atOnce, peer]) expect(unitsIn(doc)).toBe(hot);
}

function tryRoom(seed: number, count: number): number {
	const random = seeded(seed);
	const { gate, updates } = busyRoom(random);
	const peer = createDocument('follower');
	Y.applyUpdate(peer, Y.encodeStateAsUpdate(gate.hot.doc));
	let accepted = 0;
	let before = Y.encodeStateAsUpdate(gate.hot.doc);
	for (let i = 0; i < count; i++) {
		const bytes = mutantOf(oneOf(updates, random), gate.hot.doc, random);
		const verdict = verdictOn(gate, bytes, random);
		const after = Y.encodeStateAsUpdate(gate.hot.doc);
		expect(Buffer.compare(after, before)).toBe(0);
		expect(gate.hot.doc.share.size).toBe(Object.keys(roots).length);
		if (verdict?.verdict !== 'apply') continue;
		accepted += 1;
		expectSameReading(verdict.bytes);
		const changed = gate.apply(verdict);
		if (changed) Y.applyUpdate(peer, changed);
		expectSame(gate, peer);
		before = Y.encodeStateAsUpdate(gate.hot.doc);
	}
	return accepted;
}

describe('bent updates', () => {
	test(
		`${mutants} of them: what the gate lets in is read alike by everybody, the rest changes nothing`,
		() => {
			const first = newSeed('bent updates');
			let accepted = 0;
			for (let i = 0; i * mutantsPerRoom < mutants; i++) {
				try {
					accepted += tryRoom(first + i, mutantsPerRoom);
				} catch (error) {
					throw new Error(`The seed of this room is ${first + i}.`, { cause: error });
				}
			}
			if (isLarge) console.log(`${accepted} of ${mutants} bent updates were let in`);
			expect(accepted).toBeGreaterThan(mutants / 100);
		},
		isLarge ? 3_600_000 : 30_000,
	);
});
