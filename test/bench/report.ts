import { percentile, type Result } from './rounds.ts';
import { goals, type Scenario } from './scenarios.ts';

/** One goal, and what was measured for it. */
export interface Verdict {
	readonly what: string;
	readonly measured: string;
	readonly isMet: boolean;
}

/** Prints rows of cells in columns as wide as they need to be. */
export function printTable(rows: readonly (readonly string[])[]): void {
	const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
	for (const row of rows) {
		const cells = row.map((cell, i) =>
			i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
		);
		console.log(`  ${cells.join('   ')}`);
	}
}

/** Prints what a scenario showed. */
export function printResults(scenario: Scenario, results: readonly Result[]): void {
	console.log(`\n${scenario.name}`);
	const head = ['', 'seen p50', 'p99 ms', 'ack p50', 'p99 ms', 'CPU ms/1,000', 'store', 'missing'];
	const rows = results.map(({ target, seen, acked, cpu, storeCpu, missing }) => [
		target,
		...[percentile(seen, 0.5), percentile(seen, 0.99)].map(inMs),
		...[percentile(acked, 0.5), percentile(acked, 0.99)].map(inMs),
		cpu.toFixed(1),
		storeCpu > 0 ? storeCpu.toFixed(1) : '–',
		`${missing}`,
	]);
	printTable([head, ...rows]);
}

function inMs(value: number): string {
	return Number.isNaN(value) ? '–' : value.toFixed(2);
}

/** Compares Muster with the goals and with Hocuspocus. */
export function judgeResults(results: readonly Result[]): Verdict[] {
	const ours = results.find(({ target }) => target === 'Muster');
	const theirs = results.find(({ target }) => target === 'Hocuspocus');
	if (!ours || !theirs) return [];
	const latencies = (['seen', 'acked'] as const).flatMap((kind) =>
		(['p50', 'p99'] as const).flatMap((name) => {
			const share = name === 'p50' ? 0.5 : 0.99;
			const value = percentile(ours[kind], share);
			const ratio = value / percentile(theirs.seen, share);
			return [
				atMost(`${kind} ${name}`, value, `${goals[name]} ms`),
				atMost(`${kind} ${name} beside Hocuspocus's seen`, ratio, `${goals.latencyRatio} ×`),
			];
		}),
	);
	return [
		...latencies,
		atMost('CPU per delivery beside Hocuspocus', ours.cpu / theirs.cpu, `${goals.cpuRatio} ×`),
		atMost('edits that somebody did not get', ours.missing, '0'),
	];
}

/** A goal that is met up to a bound, which is given with its unit. */
export function atMost(what: string, value: number, bound: string): Verdict {
	const [number = '', unit = ''] = bound.split(' ');
	const digits = Number.isInteger(value) ? 0 : 2;
	const measured = `${value.toFixed(digits)} ${unit} (≤ ${bound})`.replace('  ', ' ');
	return { what, measured, isMet: value <= Number(number) };
}

/** Prints which goals are met; gives whether all are. */
export function printVerdicts(verdicts: readonly Verdict[]): boolean {
	console.log('\nGoals');
	printTable(
		verdicts.map(({ what, measured, isMet }) => [
			`${isMet ? 'met   ' : 'MISSED'} ${what}`,
			measured,
		]),
	);
	return verdicts.every(({ isMet }) => isMet);
}
