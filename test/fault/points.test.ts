import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { readFacts } from '#core/incident/record.ts';
import { openDatabase } from '#server/storage/database.ts';
import type * as Y from 'yjs';
import { expectKept, expectWhole } from '../support/claims.ts';
import { kinds, labelsIn } from '../support/edits.ts';
import { FrameWatch } from '../support/frameWatch.ts';
import { startPostgres, type OwnPostgres } from '../support/postgres.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import type { Point, Statement } from '../support/statements.ts';
import { until } from '../support/until.ts';

// Muster is killed at points that its wires show: to PostgreSQL, and to the people. Nothing in Muster
// knows of them.

let postgres: OwnPostgres;
let muster: Muster;
let people: Proxy;
const frames = new FrameWatch();
let random: () => number;

beforeAll(async () => {
	postgres = await startPostgres();
	muster = await startMuster({ databaseUrl: postgres.url });
	const port = Number(new URL(muster.url).port);
	people = await startProxy({ host: '127.0.0.1', port }, () => frames.tap());
});
afterAll(async () => {
	await people[Symbol.asyncDispose]();
	await muster[Symbol.asyncDispose]();
	await postgres[Symbol.asyncDispose]();
});
beforeEach(async ({ task }) => {
	random = seeded(newSeed(task.name));
	postgres.wire.open();
	frames.goOn();
	if (!muster.isRunning) await muster.start();
});

/** Something that somebody does; gives the label or key that tells whether it is there. */
type Act = (room: TestRoom) => string;

const acts = {
	keystroke: (room) => ada(room).type('notes'),
	entry: (room) => ada(room).type('entry'),
	tick: (room) => ada(room).type('check'),
	command: (room) => called(room, 'rename'),
	loggedOverTheApi: (room) => called(room, 'entry'),
} satisfies Record<string, Act>;

const isJournaled = ({ text }: Statement) => text.includes('insert into journal');
const isAlone = (statement: Statement) => isJournaled(statement) && statement.before.length === 0;
const isCommit = ({ text, before }: Statement) => text === 'commit' && before.some(isJournaled);
const isLock = ({ text }: Statement) =>
	text.includes('from documents') && text.endsWith('for update');

const deaths: Record<string, { act: Act; when: Point['when']; is: Point['is']; isThere: boolean }> =
	{
		'before a keystroke’s turn arrives at the journal': {
			act: acts.keystroke,
			when: 'asked',
			is: isAlone,
			isThere: false,
		},
		'after a keystroke’s turn was committed and before Muster hears of it': {
			act: acts.keystroke,
			when: 'done',
			is: isAlone,
			isThere: true,
		},
		'before a new entry’s turn has its lock': {
			act: acts.entry,
			when: 'asked',
			is: isLock,
			isThere: false,
		},
		'before a new entry’s COMMIT': { act: acts.entry, when: 'asked', is: isCommit, isThere: false },
		'after a new entry’s COMMIT and before Muster hears of it': {
			act: acts.entry,
			when: 'done',
			is: isCommit,
			isThere: true,
		},
		'before a command’s turn arrives at the journal': {
			act: acts.command,
			when: 'asked',
			is: isJournaled,
			isThere: false,
		},
		'before a command’s COMMIT': { act: acts.command, when: 'asked', is: isCommit, isThere: false },
		'after a command’s COMMIT and before Muster hears of it': {
			act: acts.command,
			when: 'done',
			is: isCommit,
			isThere: true,
		},
		'before the COMMIT of an entry over the API': {
			act: acts.loggedOverTheApi,
			when: 'asked',
			is: isCommit,
			isThere: false,
		},
		'after the COMMIT of an entry over the API and before Muster hears of it': {
			act: acts.loggedOverTheApi,
			when: 'done',
			is: isCommit,
			isThere: true,
		},
	};

it.each(Object.entries(deaths))('killed %s, all is as people were told', async (_, death) => {
	using room = await writtenRoom();
	const reached = postgres.statements.silenceAt(death.when, death.is);
	const isTyped = death.act === acts.keystroke;
	const mark = isTyped ? await ada(room).typeUntil(reached) : death.act(room);
	await reached;
	await dieIn(room);
	await expectMarks(room, [mark], death.isThere);
	await expectRecovered(room);
});

it('killed when the answer is here and nobody has seen the edit, it is there', async () => {
	using room = await writtenRoom();
	const reached = frames.silenceNext();
	const mark = acts.keystroke(room);
	await reached;
	await dieIn(room);
	expect(ada(room).peer.acked.has(mark)).toBe(false);
	await expectMarks(room, [mark], true);
	await expectRecovered(room);
});

it.each(['keystroke', 'entry', 'tick'] as const)(
	'killed when others have seen the %s and its author knows nothing, it is there',
	async (act) => {
		using room = await writtenRoom();
		frames.losesAcks = true;
		const shown = room.typists.map(({ peer }) => peer.shownUpdates.length);
		const mark = acts[act](room);
		await until('the others have seen it', () =>
			room.typists.every(
				({ name, peer }, i) => name === 'ada' || peer.shownUpdates.length > (shown[i] ?? 0),
			),
		);
		await dieIn(room);
		expect(ada(room).peer.acked.has(mark)).toBe(false);
		await expectMarks(room, act === 'tick' ? [] : [mark], true);
		await expectRecovered(room);
	},
);

it.each(['asked', 'done'] as const)(
	'killed with a backlog on disk, and again when the COMMIT of its delivery is %s, all of it is there once',
	async (when) => {
		using room = await writtenRoom();
		const marks = await backlogOf(room);
		const reached = postgres.statements.silenceAt(when, isCommit);
		const starting = muster.start().catch((error: unknown) => error);
		await reached;
		await dieIn(room);
		expect(await starting).toBeInstanceOf(Error);
		await expectMarks(room, marks, true);
		await expectRecovered(room);
		expect(await unsavedFiles()).toEqual([]);
	},
);

it.each(['asked', 'done'] as const)(
	'killed while a checkpoint is written (%s), the next start has it right',
	async (when) => {
		using room = await writtenRoom();
		const { peer } = ada(room);
		const isCheckpoint = ({ text, given }: Statement) =>
			text.startsWith('insert into checkpoints') && given.includes(room.incident);
		const reached = postgres.statements.silenceAt(when, isCheckpoint);
		peer.edit('paste', (doc) => impactOf(doc).insert(0, 'it is down '.repeat(30_000)));
		await reached;
		await dieIn(room);
		expect(await countCheckpoints(room)).toBe(when === 'done' ? 1 : 0);
		await muster.start();
		await until('there is a checkpoint', async () => (await countCheckpoints(room)) > 0);
		await expectRecovered(room);
	},
);

const isProjected = ({ text }: Statement) => text.startsWith('insert into projected_incidents');
const projecting: Record<string, { when: Point['when']; is: Point['is'] }> = {
	'before its row arrives': { when: 'asked', is: isProjected },
	'between its row and its entries': {
		when: 'asked',
		is: ({ text }) => text.startsWith('insert into "projected_'),
	},
	'before its COMMIT': {
		when: 'asked',
		is: ({ text, before }) => text === 'commit' && before.some(isProjected),
	},
	'after its COMMIT': {
		when: 'done',
		is: ({ text, before }) => text === 'commit' && before.some(isProjected),
	},
};

it.each(Object.entries(projecting))(
	'killed while a projection is written, %s, lists soon show what the journal says',
	async (_, { when, is }) => {
		using room = await writtenRoom();
		const reached = postgres.statements.silenceAt(when, is);
		await room.callers[0]?.call('rename');
		await reached;
		await dieIn(room);
		await expectRecovered(room);
		const { title } = await expectWhole(room, { url: postgres.url });
		await until('lists show it', async () => (await projectedTitle(room)) === title);
	},
);

function ada(room: TestRoom): TestRoom['typists'][number] {
	const [first] = room.typists;
	if (!first) throw new Error('Nobody is here.');
	return first;
}

/** Asks without waiting for an answer; gives the key. */
function called(room: TestRoom, what: 'rename' | 'entry'): string {
	const [caller] = room.callers;
	void caller?.call(what);
	return caller?.calls.at(-1)?.key ?? '';
}

/** A room in which everybody has written something of every kind, and all of it is saved. */
async function writtenRoom(): Promise<TestRoom> {
	const syncUrl = `ws://127.0.0.1:${people.port}/sync`;
	const room = await openRoom(muster, random, { syncUrlOf: () => syncUrl });
	for (const kind of kinds) for (const typist of room.typists) typist.type(kind);
	await Promise.all(room.typists.map(({ peer }) => peer.saved()));
	expect(await room.callers[0]?.call('link')).toBe(200);
	await room.agree();
	return room;
}

/** Muster dies at once; its wires are as new afterwards. */
async function dieIn(room: TestRoom): Promise<void> {
	await muster.kill();
	await room.scattered();
	postgres.wire.reset();
	postgres.statements.goOn();
	frames.goOn();
}

/** Whether these are there for somebody who comes first after the death; nothing promised is missing. */
async function expectMarks(
	room: TestRoom,
	marks: readonly string[],
	areThere: boolean,
): Promise<void> {
	if (!muster.isRunning) await muster.start();
	await expectKept(room);
	using reader = await room.newReader();
	const there = marksIn(reader.doc);
	expect(marks.filter((mark) => there.has(mark))).toEqual(areThere ? marks : []);
}

function marksIn(doc: Y.Doc): Set<string | undefined> {
	return new Set([...labelsIn(doc).keys(), ...readFacts(doc).map(({ key }) => key)]);
}

/** Everybody comes back and asks again; then all is there once. */
async function expectRecovered(room: TestRoom): Promise<void> {
	if (!muster.isRunning) await muster.start();
	await room.gather();
	for (const caller of room.callers) await caller.repeatUnclear();
	expect(room.callers.flatMap(({ calls }) => calls).filter(({ status }) => status > 201)).toEqual(
		[],
	);
	await expectWhole(room, { url: postgres.url });
}

/** The store goes away, everybody writes, and Muster dies with all of it unsaved. */
async function backlogOf(room: TestRoom): Promise<string[]> {
	postgres.wire.cut();
	const marks = room.typists.flatMap((typist) =>
		(['notes', 'entry', 'task', 'bold'] as const).map((kind) => typist.type(kind)),
	);
	await until('everybody has seen it', () =>
		room.typists.every(({ peer }) => marks.every((mark) => labelsIn(peer.doc).has(mark))),
	);
	expect(await unsavedFiles()).toHaveLength(1);
	await dieIn(room);
	postgres.wire.open();
	return marks;
}

async function unsavedFiles(): Promise<string[]> {
	return readdir(path.join(muster.dataDir, 'unsaved')).catch(() => []);
}

async function countCheckpoints(room: TestRoom): Promise<number> {
	await using db = openDatabase(postgres.ownAddress, { max: 1 });
	const rows = await db.sql`select from checkpoints where document = ${room.incident}`;
	return rows.length;
}

async function projectedTitle(room: TestRoom): Promise<string | undefined> {
	await using db = openDatabase(postgres.ownAddress, { max: 1 });
	const [row] = await db.sql<{ title: string }[]>`
		select title from projected_incidents join documents d using (incident)
		where incident = ${room.incident} and upto_turn = d.turn`;
	return row?.title;
}
