import { expect, test } from 'vitest';
import type { EntryId } from '#core/ids.ts';
import type { Entry } from '#core/incident/entries.ts';
import { commanderGap, withoutUpdate } from '#core/review/metrics/attention.ts';
import { downtimeOf } from '#core/review/metrics/downtime.ts';
import { lengthOf, without } from '#core/review/metrics/spans.ts';
import { ada, grace, TestRecord } from '../../support/record.ts';

const minute = 60_000;

/** An incident's record with times in minutes after its declaration. */
class Told extends TestRecord {
	readonly began = this.now;

	at(minutes: number): this {
		this.now = this.began + minutes * minute;
		return this;
	}

	sets(milestone: 'impactStarted' | 'impactEnded' | 'declared', minutes: number | null): this {
		const at = minutes === null ? null : this.began + minutes * minute;
		return this.does(ada, { type: 'setMilestone', milestone, at });
	}

	get downtime(): (number | null)[][] | null {
		const spans = downtimeOf(this.state, this.facts);
		const inMinutes = (at: number | null) => at && (at - this.began) / minute;
		return spans?.map(({ since, until }) => [inMinutes(since), inMinutes(until)]) ?? null;
	}
}

const declared = () => new Told().declare();
const resolve = { type: 'setStatus', status: 'resolved' } as const;

test('[M2] downtime goes from the declaration to the resolution where nobody knows more', () => {
	expect(declared().downtime).toEqual([[0, null]]);
	expect(declared().at(40).does(ada, resolve).downtime).toEqual([[0, 40]]);
});

test('[M2] downtime goes by the impact where that is known', () => {
	const told = declared().at(40).does(ada, resolve).sets('impactStarted', -20);
	expect(told.downtime).toEqual([[-20, 40]]);
	expect(told.sets('impactEnded', 25).downtime).toEqual([[-20, 25]]);
});

test('[M2] a reopening is a further outage, until it is over or the impact ended', () => {
	const told = declared().at(40).does(ada, resolve).at(60).does(ada, { type: 'reopen' });
	expect(told.downtime).toEqual([
		[0, 40],
		[60, null],
	]);
	expect(told.at(90).does(ada, resolve).downtime).toEqual([
		[0, 40],
		[60, 90],
	]);
	expect(told.sets('impactEnded', 70).downtime).toEqual([
		[0, 70],
		[60, 70],
	]);
});

test('[M2] downtime of reversed times, or of no length that is known, is not known', () => {
	const told = declared().at(40).does(ada, resolve).sets('impactStarted', -20);
	expect(told.sets('impactEnded', -30).downtime).toBeNull();
	const imported = new Told().declare({ origin: 'imported' }).sets('declared', 0);
	expect(imported.at(5).does(ada, resolve).downtime).toBeNull();
});

test('an acting commander is one: the gap is when nobody was', () => {
	const told = declared().at(10);
	expect(commanderGap(told.state, told.facts)).toEqual({ ms: 0, since: null });
	told.does(ada, { type: 'releaseRole', role: 'commander' });
	expect(commanderGap(told.state, told.facts)).toEqual({ ms: 0, since: told.now });
	told.at(25).does(grace, { type: 'takeRole', role: 'commander' });
	told.at(40).does(grace, { type: 'releaseRole', role: 'commander' });
	told.at(50).does(ada, resolve);
	expect(commanderGap(told.state, told.facts)).toEqual({ ms: 25 * minute, since: null });
});

test('time without an update begins half an hour after the last one', () => {
	const told = declared().at(100).does(ada, resolve);
	const silent = (...minutes: number[]) =>
		withoutUpdate(
			told.state,
			told.facts,
			minutes.map((at) => update(told.began + at * minute)),
		);
	expect(silent()).toEqual({ ms: 70 * minute, since: null });
	expect(silent(80, 50)).toEqual({ ms: 20 * minute, since: null });
	const open = declared();
	const due = open.began + 30 * minute;
	expect(withoutUpdate(open.state, open.facts, [])).toEqual({ ms: 0, since: due });
});

function update(occurredAt: number): Entry {
	const id = '01KAV00000000000000000000A' as EntryId;
	return { id, kind: 'comms', text: 'a', occurredAt, starred: false, struck: false };
}

test('what is left of stretches without others, whichever way they lie', () => {
	const spans = [
		{ since: 0, until: 10 },
		{ since: 20, until: null },
	];
	const others = [
		{ since: 25, until: 30 },
		{ since: 2, until: 4 },
		{ since: 3, until: 5 },
		{ since: -5, until: 1 },
		{ since: 10, until: 20 },
	];
	const left = without(spans, others);
	expect(left).toEqual([
		{ since: 1, until: 2 },
		{ since: 5, until: 10 },
		{ since: 20, until: 25 },
		{ since: 30, until: null },
	]);
	expect(lengthOf(left)).toEqual({ ms: 11, since: 30 });
	expect(without(spans, [{ since: -1, until: null }])).toEqual([]);
});
