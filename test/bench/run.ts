import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleOf } from './bundles.ts';
import { measureCluster } from './cluster.ts';
import { insightsGoals } from './insights.ts';
import { replayGoals } from './replay.ts';
import { coldStarts } from './coldStart.ts';
import { gateGoals } from './gate.ts';
import { measure, type Round, type Scenario } from './load.ts';
import { goalsOf, printGoals, printResults, resultOf, type Goal, type Result } from './report.ts';
import type { Target } from './target.ts';
import { startHocuspocus } from './targets/hocuspocus.ts';
import { startMuster } from './targets/muster.ts';
import { startRelay } from './targets/relay.ts';

/*
 * What `npm run bench` runs: Muster beside its peers, each a process of its own on this machine.
 *
 * Muster is what `npm start` starts, with its embedded PostgreSQL, and shows an edit once it is
 * committed. Hocuspocus stores nothing here, and a bare relay of `ws` is the floor. The peers are
 * in test/bench/package.json and installed by this script alone.
 *
 * One process plays all people: raw `ws` connections, typing encoded beforehand, each character an
 * update of its own, everybody at an even pace that is the same in all rounds. It runs no document
 * but notes for each update how long after its sending each of the others has it (seen), and when
 * the server says that it is committed (ack). The processor's time is the server's, from /proc, for
 * a thousand deliveries (edits times receivers); PostgreSQL's stands beside it.
 *
 * Every target first runs itself warm. Rounds are interleaved and change their order, each in a fresh
 * room and with a start that does not count; percentiles are over all rounds. A busy machine moves all
 * numbers: the ratios within one run say more than the times. Then the start of a built checkout until
 * a page is there with its scripts, how much JavaScript the board and the room load, and what the gate
 * takes to read a keystroke of somebody's and to decide about it, in a long incident's document.
 * With `--large` also what a thousand idle people cost each of three nodes that have a Redis between
 * them: memory (RSS, its garbage collected before) and the processor's time, its children's included.
 *
 * Then the replay of a simulated incident of six hours with 30 people and 50,000 edits, with `--large`
 * of 200,000: how large its history is, how long until a moment is there, at first and at random ones,
 * from the server and on the screen of a browser.
 *
 *   npm run bench -- [--rounds 3] [--large] [--only rooms|start|bundles|gate|replay|cluster|insights]
 *
 * With `--large` or by name, every query of the insights over 1,000,000 incidents of ten years.
 *
 * The exit code says whether everything could be measured, not whether every number is reached.
 */

const folder = import.meta.dirname;
const root = path.resolve(folder, '../..');
const kilobyte = 1_000;

const { values: asked } = parseArgs({
	options: {
		rounds: { type: 'string', default: '3' },
		large: { type: 'boolean', default: false },
		only: { type: 'string' },
	},
});

const mostMinutes = asked.large ? 25 : asked.only === 'insights' ? 15 : 5;
const warmUp: Scenario = { name: 'warm-up', people: 30, editsPerSecond: 300, seconds: 4 };
const scenarios: Scenario[] = [
	{ name: '30 people, 5 edits/s each', people: 30, editsPerSecond: 150, seconds: 8 },
	{ name: '30 people, 50 edits/s together', people: 30, editsPerSecond: 50, seconds: 6 },
];
if (asked.large) {
	scenarios.push({
		name: '100 people, 100 edits/s together',
		people: 100,
		editsPerSecond: 100,
		seconds: 8,
	});
}

/** Measures all rounds of a scenario. */
async function runScenario(targets: readonly Target[], scenario: Scenario): Promise<Result[]> {
	const rounds = new Map<Target, Round[]>(targets.map((target) => [target, []]));
	const count = Number(asked.rounds);
	for (let round = 0; round < count; round++) {
		const first = round % targets.length;
		for (const target of [...targets.slice(first), ...targets.slice(0, first)]) {
			rounds.get(target)?.push(await measure(target, scenario));
		}
	}
	const results = Array.from(rounds, ([target, measured]) => resultOf(target.name, measured));
	printResults(scenario, results, count);
	return results;
}

async function measureRooms(): Promise<Goal[]> {
	await using muster = await startMuster();
	await using hocuspocus = await startHocuspocus();
	await using relay = await startRelay();
	const targets = [muster, hocuspocus, relay];
	for (const target of targets) await measure(target, warmUp);
	const goals: Goal[] = [];
	for (const scenario of scenarios) {
		const [ours, peers] = await runScenario(targets, scenario);
		if (ours && peers && scenario === scenarios[0]) goals.push(...goalsOf(ours, peers));
	}
	return goals;
}

async function measureStarts(): Promise<Goal[]> {
	const { first, again } = await coldStarts();
	const seconds = (ms: number) => ({ is: ms / 1_000, atMost: 3, unit: 's' });
	return [
		{ what: 'npm start to the first-run page, nothing there yet', ...seconds(first) },
		{ what: 'npm start to the sign-in page', ...seconds(again) },
	];
}

async function measureBundles(): Promise<Goal[]> {
	const size = async (route: string) => ({
		is: (await bundleOf(route)) / kilobyte,
		unit: 'K gzip',
	});
	return [
		{ what: 'JavaScript of the board', ...(await size('/')), atMost: 60 },
		{
			what: 'JavaScript of the room without its editor',
			...(await size('/i/[number]')),
			atMost: 140,
		},
	];
}

async function run(command: string, words: readonly string[]): Promise<void> {
	const child = spawn(command, words, { cwd: root, stdio: 'inherit' });
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) throw new Error(`${command} ${words.join(' ')} failed.`);
}

const end = (): never => process.exit(1);
process.on('SIGINT', end).on('SIGTERM', end);
setTimeout(() => {
	console.error(`The bench takes longer than ${mostMinutes} minutes and is ended.`);
	end();
}, mostMinutes * 60_000).unref();

if (!existsSync(path.join(folder, 'node_modules/@hocuspocus/server'))) {
	await run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund']);
}
await run(process.execPath, ['scripts/build-if-needed.ts']);
const [load = 0] = os.loadavg();
console.log(`The machine's load before: ${load.toFixed(1)} on ${os.cpus().length} processors.`);
const parts = {
	rooms: measureRooms,
	start: measureStarts,
	bundles: measureBundles,
	gate: gateGoals,
	replay: () => replayGoals(asked.large ? 200_000 : 50_000),
	...((asked.large || asked.only === 'insights') && { insights: () => insightsGoals(1_000_000) }),
	...((asked.large || asked.only === 'cluster') && { cluster: measureCluster }),
};
for (const [name, part] of Object.entries(parts)) {
	if (asked.only === undefined || asked.only === name) printGoals(await part());
}
