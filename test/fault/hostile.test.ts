import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DocumentId } from '#core/ids.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { readPlace } from '#server/storage/documents.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { floods, idleFrames, malformedFrames } from '../support/hostile/frames.ts';
import type { Hostile } from '../support/hostile/hostile.ts';
import { oddCarets, viewersFrames } from '../support/hostile/people.ts';
import { oddShapes } from '../support/hostile/shapes.ts';
import { join, Stage, withUpdate } from '../support/hostile/stage.ts';
import { bombs, brokenStructs, forgeries, premature } from '../support/hostile/structs.ts';
import { isLarge } from '../support/large.ts';
import { invite, type TestPerson } from '../support/people.ts';
import { collectable, collectGarbage, residentBytes } from '../support/process.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

const mib = 2 ** 20;
/** What others may wait; a busy machine takes time too. */
const ackMs = isLarge ? 250 : 2_500;
const joinMs = 1_000;

let muster: Muster;
let db: Database;
let people: { ada: TestPerson; grace: TestPerson };
let bytesBefore: number;
const waits = { ack: [] as number[], join: [] as number[] };
/** The incidents of all cases, each with what it must still be. */
const left = new Map<string, Uint8Array>();

beforeAll(async () => {
	const databaseUrl = await testDatabaseUrl();
	db = openDatabase({ url: databaseUrl });
	muster = await startMuster({ databaseUrl, env: collectable });
	people = { ada: await invite(muster, 'ada'), grace: await invite(muster, 'grace') };
	using stage = await Stage.open(muster, people, 'responder');
	await stage.join();
	bytesBefore = await residentBytes(muster);
});
afterAll(async () => {
	await muster[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const catalogue = Object.entries({
	...malformedFrames,
	...idleFrames,
	...floods,
	...bombs,
	...brokenStructs,
	...forgeries,
	...premature,
	...oddShapes,
	...oddCarets,
	...viewersFrames,
});

describe.each([
	['sends its sender away and changes nothing', (ends) => typeof ends === 'number'],
	['waits for what it lacks and changes nothing', (ends) => ends === 'held'],
	['changes nothing', (ends) => ends === 'ignored'],
] satisfies [string, (ends: Hostile['ends']) => boolean][])('what %s', (what, is) => {
	const cases = catalogue.filter(([, { ends }]) => is(ends));
	test.for(cases)(`%s ${what}`, { timeout: 30_000 }, async ([, hostile]) => {
		using stage = await Stage.open(muster, people, hostile.byViewer ? 'viewer' : 'responder');
		const { incident, linus, ada, grace } = stage;
		const before = { ...(await stage.join()), turn: await turnOf(incident) };
		const { acked, asked } = linus;
		for (const message of hostile.sends(stage.scene)) linus.send(message);
		const written = await stage.adaWrites();
		await expectEnd(linus, hostile.ends);
		const isJudged = hostile.ends !== 'ignored' && hostile.ends !== 1013;
		if (isJudged) expect(linus.acked).toBe(acked);
		if (typeof hostile.ends === 'string')
			expect(linus.asked - asked).toBe(hostile.ends === 'held' ? 1 : 0);

		const after = await stage.join();
		expect(Buffer.compare(after.state, withUpdate(before.state, written.update))).toBe(0);
		expect(await turnOf(incident)).toBe(before.turn + 1); // ada's
		expect([ada.closed, grace.closed]).toEqual([null, null]);
		expect(muster.isRunning).toBe(true);
		expect(written.ms).toBeLessThan(ackMs);
		expect(after.ms).toBeLessThan(joinMs);
		waits.ack.push(written.ms);
		waits.join.push(after.ms);
		left.set(incident, after.state);
	});
});

test('after all of that Muster holds no more memory than before, but for 64 MiB', async () => {
	const most = (list: readonly number[]) => Math.max(...list).toFixed(0);
	const grown = async () => (await residentBytes(muster)) - bytesBefore;
	const uncollected = await grown();
	await collectGarbage(muster);
	await until('memory is given back', async () => (await grown()) < 64 * mib, 60_000);
	console.log(
		`${waits.ack.length} cases: ack ≤ ${most(waits.ack)} ms, join ≤ ${most(waits.join)} ms; ` +
			`RSS ${(bytesBefore / mib).toFixed(0)} MiB, + ${(uncollected / mib).toFixed(0)}, ` +
			`collected + ${((await grown()) / mib).toFixed(0)}`,
	);
});

test('after a restart every room opens as it was', async () => {
	expect(muster.output).not.toMatch(/room starts anew|in quarantine|"level":"(error|fatal)"/);
	await muster.restart();
	for (const [incident, state] of left) {
		const now = await join(muster, incident);
		expect(Buffer.compare(now.state, state)).toBe(0);
	}
});

async function expectEnd(linus: Stage['linus'], ends: Hostile['ends']): Promise<void> {
	if (typeof ends === 'string') return expect(await linus.isWelcome()).toBe(true);
	await until('its sender is sent away', () => linus.closed !== null);
	expect(linus.closed?.code).toBe(ends);
}

async function turnOf(incident: string): Promise<number> {
	return (await readPlace(db.sql, incident as DocumentId))?.turn ?? 0;
}
