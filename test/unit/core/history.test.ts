import { expect, it } from 'vitest';
import {
	decodeHistory,
	editsFrom,
	encodeHistory,
	journalBytes,
	type HistoryTurn,
} from '#core/incident/history.ts';
import { encodeEdits } from '#core/incident/turn.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { writeHistory } from '../../support/writtenHistory.ts';

const random = seeded(newSeed('history'));
const turns = writeHistory(200, random);

/** As it was written: what the codec adds of its own does not count. */
function plain(some: readonly HistoryTurn[]): unknown {
	return some.map((turn) => ({
		turn: turn.turn,
		at: turn.at,
		bytes: Buffer.from(journalBytes(turn)).toString('hex'),
		proof: turn.proof && {
			...turn.proof,
			salt: turn.proof.salt && Buffer.from(turn.proof.salt).toString('hex'),
		},
	}));
}

it('turns that are written and read again are the same to the byte, proofs included', () => {
	expect(plain(decodeHistory(encodeHistory(turns, { withProof: true })))).toEqual(plain(turns));
});

it('turns without proofs are the same turns', () => {
	const bare = turns.map(({ proof: _proof, ...turn }) => turn);
	expect(plain(decodeHistory(encodeHistory(turns, { withProof: false })))).toEqual(plain(bare));
});

it('any part of a history can be read alone', () => {
	const later = turns.slice(70, 130);
	expect(plain(decodeHistory(encodeHistory(later, { withProof: true })))).toEqual(plain(later));
	expect(decodeHistory(encodeHistory([], { withProof: false }))).toEqual([]);
});

it('a turn whose bytes cannot be read is kept as it is', () => {
	const bytes = Uint8Array.of(9, 9, 9);
	const [first, second] = turns as [HistoryTurn, HistoryTurn];
	const some = [first, { ...second, ...editsFrom(bytes) }];
	const [, read] = decodeHistory(encodeHistory(some, { withProof: true }));
	expect(read && journalBytes(read)).toEqual(bytes);
});

it('bytes that say the same in another way are kept as they are', () => {
	const bytes = encodeEdits(turns[0]?.edits ?? []);
	// The count of edits, in two bytes where one is enough.
	const wordy = Uint8Array.of(bytes[0] ?? 0, (bytes[1] ?? 0) | 0x80, 0, ...bytes.subarray(2));
	expect(journalBytes({ turn: 1, at: 0, ...editsFrom(wordy) })).toEqual(wordy);
});

it('a turn of which something was removed keeps its digest', () => {
	const digest = Uint8Array.from({ length: 32 }, (_, i) => i);
	const [first] = turns as [HistoryTurn];
	const removed = { ...first, proof: { nonce: first.proof?.nonce ?? '', salt: null, digest } };
	const [read] = decodeHistory(encodeHistory([removed], { withProof: true }));
	expect(read?.proof).toEqual(removed.proof);
});

it('bytes that are cut off or changed are refused or read as other turns, and never more than they hold', () => {
	const bytes = encodeHistory(turns, { withProof: true });
	for (let i = 0; i < 500; i++) {
		const mutant = bytes.slice(0, i % 2 ? bytes.length : Math.floor(random() * bytes.length));
		const at = Math.floor(random() * mutant.length);
		mutant[at] = Math.floor(random() * 256);
		let read: HistoryTurn[] = [];
		try {
			read = decodeHistory(mutant);
		} catch (error) {
			expect(error).toBeInstanceOf(Error);
		}
		const size = read.reduce((sum, turn) => sum + journalBytes(turn).length, 0);
		expect(size).toBeLessThan(60 * bytes.length);
	}
});

it('more turns or edits than are asked for are refused before anything is made of them', () => {
	const bytes = encodeHistory(turns, { withProof: true });
	const edits = turns.reduce((sum, turn) => sum + turn.edits.length, 0);
	const exact = { mostTurns: turns.length, mostEdits: edits };
	expect(decodeHistory(bytes, exact)).toHaveLength(turns.length);
	const read = (bounds: object) => () => decodeHistory(bytes, { ...exact, ...bounds });
	expect(read({ mostTurns: turns.length - 1 })).toThrow('too many turns');
	expect(read({ mostEdits: edits - 1 })).toThrow('too many edits');
	const empty = Array.from({ length: 100_000 }, (_, i) => ({ turn: i + 1, at: 0, edits: [] }));
	const small = encodeHistory(empty, { withProof: false });
	expect(() => decodeHistory(small, { mostTurns: 2_000, mostEdits: 1 })).toThrow('too many turns');
});
