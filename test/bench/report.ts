import type { Round, Scenario } from './load.ts';

/** All rounds of one target in one scenario; times in milliseconds, null where there is no such thing. */
export interface Result {
	readonly target: string;
	readonly seen: Percentiles;
	readonly acked: Percentiles | null;
	/** The seen p99 of each round: one that stands out was disturbed. */
	readonly tails: readonly number[];
	/** Processor time for 1,000 deliveries. */
	readonly serverMs: number;
	readonly postgresMs: number;
}

export interface Percentiles {
	readonly p50: number;
	readonly p99: number;
}

/** A number that is to be reached. */
export interface Goal {
	readonly what: string;
	readonly is: number;
	readonly atMost: number;
	readonly unit: string;
}

/** Takes a target's rounds together. */
export function resultOf(target: string, rounds: readonly Round[]): Result {
	const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
	const thousands = sum((round) => round.deliveries) / 1_000;
	return {
		target,
		seen: percentilesOf(rounds.flatMap(({ seen }) => seen)) ?? nothing,
		tails: rounds.map(({ seen }) => (percentilesOf(seen) ?? nothing).p99),
		acked: percentilesOf(rounds.flatMap(({ acked }) => acked)),
		serverMs: sum(({ serverMs }) => serverMs) / thousands,
		postgresMs: sum(({ postgresMs }) => postgresMs) / thousands,
	};
}

const nothing: Percentiles = { p50: NaN, p99: NaN };

function percentilesOf(samples: readonly number[]): Percentiles | null {
	if (samples.length === 0) return null;
	const sorted = Float64Array.from(samples).sort();
	const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
	return { p50: at(0.5), p99: at(0.99) };
}

/** What Muster is to reach in a room, beside Hocuspocus in the same run. */
export function goalsOf(muster: Result, hocuspocus: Result): Goal[] {
	const peer = hocuspocus.seen;
	const timesOf = (name: string, { p50, p99 }: Percentiles): Goal[] => [
		{ what: `${name}, p50`, is: p50, atMost: 4, unit: 'ms' },
		{ what: `${name}, p99`, is: p99, atMost: 25, unit: 'ms' },
		{ what: `${name}, p50 to Hocuspocus' seen`, is: p50 / peer.p50, atMost: 2, unit: '×' },
		{ what: `${name}, p99 to Hocuspocus' seen`, is: p99 / peer.p99, atMost: 2, unit: '×' },
	];
	return [
		...timesOf('committed and seen', muster.seen),
		...timesOf('acknowledged', muster.acked ?? nothing),
		{
			what: "processor time per delivery to Hocuspocus'",
			is: muster.serverMs / hocuspocus.serverMs,
			atMost: 1.1,
			unit: '×',
		},
	];
}

const columns = ['seen p50', 'p99', 'ack p50', 'p99', 'CPU/1,000', 'PostgreSQL'];

/** A scenario's results as a table, with how they compare to the second. */
export function printResults(scenario: Scenario, results: readonly Result[], rounds: number): void {
	const { name, seconds } = scenario;
	console.log(`\n${name}: ${rounds} rounds of ${seconds} s, in ms`);
	printRow('', columns);
	for (const result of results) printRow(result.target, cellsOf(result, inMs));
	const [muster, peer] = results;
	if (!muster || !peer) return;
	const compared = {
		seen: divided(muster.seen, peer.seen),
		acked: muster.acked && divided(muster.acked, peer.seen),
		serverMs: muster.serverMs / peer.serverMs,
		postgresMs: 0,
	};
	printRow(`${muster.target} ÷ ${peer.target}`, cellsOf(compared, inTimes));
	const tails = results.map(({ target, tails }) => `${target} ${tails.map(inMs).join(' ')}`);
	console.log(`seen p99 by round: ${tails.join(', ')}`);
}

function divided(a: Percentiles, b: Percentiles): Percentiles {
	return { p50: a.p50 / b.p50, p99: a.p99 / b.p99 };
}

function cellsOf(
	result: Omit<Result, 'target' | 'tails'>,
	inWords: (value: number | undefined) => string,
): string[] {
	const { seen, acked, serverMs, postgresMs } = result;
	return [seen.p50, seen.p99, acked?.p50, acked?.p99, serverMs, postgresMs || undefined].map(
		inWords,
	);
}

function inMs(value: number | undefined): string {
	return value === undefined ? '–' : value.toFixed(2);
}

function inTimes(value: number | undefined): string {
	return value === undefined ? '' : `${value.toFixed(2)} ×`;
}

/** A line of a table. */
export function printRow(name: string, cells: readonly string[]): void {
	console.log(name.padEnd(22) + cells.map((cell) => cell.padStart(11)).join(''));
}

/** Says of each number whether it is reached. */
export function printGoals(goals: readonly Goal[]): void {
	console.log('');
	for (const { what, is, atMost, unit } of goals) {
		const verdict = is <= atMost ? 'reached    ' : 'NOT reached';
		const value = is >= 100 ? is.toFixed(0) : is.toFixed(2);
		console.log(`${verdict}  ${what}: ${value} ${unit} (at most ${atMost} ${unit})`);
	}
}
