import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { scriptBytes } from './bundles.ts';
import { timeStarts } from './coldStart.ts';
import { atMost, judgeResults, printResults, printVerdicts, type Verdict } from './report.ts';
import { measure } from './rounds.ts';
import { goals, scenarios } from './scenarios.ts';
import { startHocuspocus, startMusterTarget, startRelay } from './targets.ts';

// `npm run bench`: Muster beside Hocuspocus and beside a bare relay, in turns, then how fast it starts
// and how much its pages load. `npm run bench quick` is one short round, which says little.

const isQuick = process.argv.includes('quick');

/** The peers are installed here alone, so that nobody who uses Muster gets them. */
async function installPeers(): Promise<void> {
	if (existsSync(path.join(import.meta.dirname, 'node_modules/@hocuspocus/server'))) return;
	await run('npm', ['ci', '--prefix', import.meta.dirname]);
}

async function run(program: string, words: readonly string[]): Promise<void> {
	const child = spawn(program, words, { stdio: 'inherit' });
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) throw new Error(`${program} ${words.join(' ')} failed.`);
}

async function measureRooms(): Promise<Verdict[]> {
	await using muster = await startMusterTarget();
	await using hocuspocus = await startHocuspocus();
	await using relay = await startRelay();
	const verdicts: Verdict[] = [];
	for (const scenario of isQuick ? scenarios.slice(0, 1) : scenarios) {
		const rounds = isQuick ? 1 : scenario.rounds;
		const results = await measure(scenario, [muster, hocuspocus, relay], rounds);
		printResults(scenario, results);
		if (scenario.isJudged) verdicts.push(...judgeResults(results));
	}
	return verdicts;
}

async function measurePages(): Promise<Verdict[]> {
	const { first, next } = await timeStarts();
	const kib = 1024;
	const [room, board] = [await scriptBytes('/i/[number]'), await scriptBytes('/')];
	return [
		atMost('from npm start to a page, the first time', first, `${goals.coldStartMs} ms`),
		atMost('from npm start to a page, later', next, `${goals.coldStartMs} ms`),
		atMost('room, JavaScript gzipped', room / kib, `${goals.roomBytes / kib} KiB`),
		atMost('board, JavaScript gzipped', board / kib, `${goals.boardBytes / kib} KiB`),
	];
}

await installPeers();
await run(process.execPath, ['scripts/build-if-needed.ts']);
const verdicts = [...(await measureRooms()), ...(await measurePages())];
process.exitCode = printVerdicts(verdicts) ? 0 : 1;
