import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocument } from '#core/incident/document.ts';
import { readIncident } from '#core/incident/reading.ts';
import { Replay } from '#core/review/replay.ts';
import { nameOf } from '../../support/record.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { writeHistory } from '../../support/writtenHistory.ts';

const random = seeded(newSeed('replay'));
const turns = writeHistory(2_500, random);

/** What somebody read who was there from the beginning, after each turn. */
function readingsAlong(wanted: ReadonlySet<number>): Map<number, string> {
	const doc = createDocument('follower');
	const readings = new Map<number, string>();
	for (const { turn, edits } of turns) {
		for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
		if (wanted.has(turn)) readings.set(turn, JSON.stringify(readIncident(doc, nameOf)));
	}
	return readings;
}

it('at any turn the replay reads what was read live, in whatever order it is asked', () => {
	using replay = new Replay();
	for (let i = 0; i < turns.length; i += 333) replay.add(turns.slice(i, i + 333));
	const wanted = Array.from({ length: 100 }, () => 1 + Math.floor(random() * turns.length));
	const live = readingsAlong(new Set(wanted));
	for (const turn of [...wanted, 1, turns.length]) {
		const shown = JSON.stringify(readIncident(replay.documentAt(turn), nameOf));
		if (live.has(turn)) expect(shown).toBe(live.get(turn));
	}
});

it('the moment of a turn is its own millisecond, and between turns the one before', () => {
	using replay = new Replay();
	replay.add(turns.slice(0, 10));
	expect(replay.turnAt(replay.timeOf(4))).toBe(4);
	expect(replay.turnAt(replay.timeOf(4) - 1)).toBe(3);
	expect(replay.turnAt(replay.timeOf(1) - 1)).toBe(0);
	expect(replay.turnAt(Infinity)).toBe(10);
});

it('before the first turn there is nothing', () => {
	using replay = new Replay();
	replay.add(turns.slice(0, 10));
	expect(readIncident(replay.documentAt(0), nameOf)).toMatchObject({ number: 0, timeline: [] });
});

it('turns that come while it is shown are shown, and no turn may be left out', () => {
	using replay = new Replay();
	replay.add(turns.slice(0, 10));
	replay.documentAt(10);
	expect(() => replay.add(turns.slice(11, 12))).toThrow('not the next');
	replay.add(turns.slice(10, 11));
	const [live] = readingsAlong(new Set([11])).values();
	expect(JSON.stringify(readIncident(replay.documentAt(11), nameOf))).toBe(live);
});
