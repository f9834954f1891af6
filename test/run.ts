import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBinaries } from '#server/storage/embedded/binaries.ts';
import { findChromium } from './support/chromium.ts';
import {
	failuresOfPlaywright,
	failuresOfVitest,
	type PlaywrightReport,
	type VitestReport,
} from './support/failures.ts';
import { findRedis } from './support/findRedis.ts';

// What `npm test` runs: every level that has tests, with all that they need. `e2e` or `fault` as an
// argument runs that level alone; with `--large` tests try their large sizes. Nothing is skipped: a
// test that did not run counts as failed.

interface Count {
	readonly passed: number;
	readonly failed: number;
	/** What failed, by name, to be said once more at the end. */
	readonly failures: readonly string[];
}

/** What a runner's report tells; `total` counts what was skipped, too. */
interface Told {
	readonly passed: number;
	readonly total: number;
	readonly failures: readonly string[];
}

const nothing: Count = { passed: 0, failed: 0, failures: [] };
const root = path.resolve(import.meta.dirname, '..');
const levels = ['unit', 'integration', 'fault', 'e2e'] as const;
type Level = (typeof levels)[number];

const reports = await mkdtemp(path.join(tmpdir(), 'muster-reports-'));
const isLarge = process.argv.includes('--large');
const asked = process.argv.slice(2).filter((word) => word !== '--large');

try {
	const counts = await runAll().catch((error: Error): Count[] => {
		return [{ passed: 0, failed: 1, failures: [error.message] }];
	});
	const passed = counts.reduce((sum, count) => sum + count.passed, 0);
	const failed = counts.reduce((sum, count) => sum + count.failed, 0);
	console.log();
	for (const failure of counts.flatMap((count) => count.failures)) {
		console.log(`failed: ${failure}`);
	}
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
} finally {
	await rm(reports, { recursive: true });
}

async function chooseLevels(): Promise<Level[]> {
	const unknown = asked.find((word) => !levels.some((level) => level === word));
	if (unknown) throw new Error(`There is no level "${unknown}", only ${levels.join(', ')}.`);
	const there: Level[] = [];
	for (const level of levels) {
		// The gate's large sizes are unit tests.
		const isAsked = asked.includes(level) || (isLarge && level === 'unit');
		if (asked.length > 0 ? isAsked : await hasTests(level)) there.push(level);
	}
	return there;
}

async function hasTests(level: Level): Promise<boolean> {
	const files = await Array.fromAsync(glob(`test/${level}/**/*.test.ts`, { cwd: root }));
	return files.length > 0;
}

async function runAll(): Promise<Count[]> {
	const chosen = await chooseLevels();
	console.log(`Tests: ${chosen.join(', ')}${isLarge ? ', large sizes' : ''}.`);
	if (chosen.some((level) => level !== 'unit')) {
		console.log(`PostgreSQL: ${await postgresInWords()}.`);
		console.log(`Redis: ${await findRedis()}.`);
	}
	const chromium = chosen.includes('e2e') ? await findChromium() : '';
	if (chromium) console.log(`Chromium: ${chromium}.`);
	const counts: Count[] = [];
	if (chosen.includes('fault') || chosen.includes('e2e')) counts.push(await build());
	for (const level of chosen) {
		console.log(`\n── ${level} ──`);
		counts.push(level === 'e2e' ? await runPlaywright(chromium) : await runVitest(level));
	}
	return counts;
}

async function postgresInWords(): Promise<string> {
	const given = process.env.TEST_DATABASE_URL;
	if (given) return `the server at ${new URL(given).host} (TEST_DATABASE_URL)`;
	const { major, origin } = await findBinaries(null);
	return `version ${major} from ${origin}`;
}

/** A build that fails is a failed test; one that succeeds is not a passed one. */
async function build(): Promise<Count> {
	const code = await run(['scripts/build-if-needed.ts'], {});
	return code === 0 ? nothing : { passed: 0, failed: 1, failures: ['the build'] };
}

async function runVitest(level: Level): Promise<Count> {
	const report = path.join(reports, `${level}.json`);
	const projects = [level, `${level}-timed`].flatMap((name) => ['--project', name]);
	const code = await run(
		[
			...['node_modules/vitest/vitest.mjs', 'run', ...projects],
			...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
		],
		isLarge ? { MUSTER_TEST_LARGE: '1' } : {},
	);
	const {
		numPassedTests = 0,
		numTotalTests = 0,
		testResults = [],
	} = await readReport<VitestReport>(report);
	const failures = failuresOfVitest(testResults, root);
	return countOf(level, code, { passed: numPassedTests, total: numTotalTests, failures });
}

async function runPlaywright(chromium: string): Promise<Count> {
	const report = path.join(reports, 'e2e.json');
	const code = await run(['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'], {
		CHROMIUM_PATH: chromium,
		PLAYWRIGHT_JSON_OUTPUT_FILE: report,
	});
	const { stats, suites = [] } = await readReport<PlaywrightReport>(report);
	const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = stats ?? {};
	const total = expected + unexpected + flaky + skipped;
	const failures = suites.flatMap(failuresOfPlaywright);
	return countOf('e2e', code, { passed: expected, total, failures });
}

/** What a runner wrote, or nothing if it did not come that far. */
async function readReport<T>(file: string): Promise<Partial<T>> {
	try {
		return JSON.parse(await readFile(file, 'utf8')) as T;
	} catch {
		return {};
	}
}

/** A runner that ran nothing, or failed without a failed test, is one failure. */
function countOf(level: Level, code: number, told: Told): Count {
	const { passed, total, failures } = told;
	const failed = Math.max(total - passed, failures.length);
	if (failed > 0 || (code === 0 && total > 0)) return { passed, failed, failures };
	const why = total === 0 ? 'no test ran' : 'no test failed, but the level did';
	return { passed, failed: 1, failures: [`${level}: ${why}, exit code ${code}`] };
}

async function run(words: readonly string[], env: Record<string, string>): Promise<number> {
	const child = spawn(process.execPath, words, {
		cwd: root,
		env: { ...process.env, ...env },
		stdio: 'inherit',
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	return code ?? 1;
}
