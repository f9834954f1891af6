import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '#server/storage/database.ts';
import { impactOf } from '#core/incident/document.ts';
import { expectKept, expectWhole } from '../support/claims.ts';
import { kinds, labelsIn } from '../support/edits.ts';
import { startPostgres, type OwnPostgres } from '../support/postgres.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import type { Point, Statement } from '../support/statements.ts';
import { until } from '../support/until.ts';

// The store is there, but slow, unwilling, or at the far end of a wire that breaks at the worst moment.

const editsPerSecond = 20;
const failingMs = 5_000;

let postgres: OwnPostgres;
let url: string;
let muster: Muster;
let random: () => number;

/** Muster is nobody special in this PostgreSQL, so that it may be denied things. */
beforeAll(async () => {
	postgres = await startPostgres();
	await asOwner(async (sql) => {
		await sql`create role app login`;
		await sql`create database app owner app`;
	}, 'postgres');
	url = postgres.url.replace('muster@', 'app@').replace('/postgres', '/app');
	muster = await startMuster({ databaseUrl: url });
});
afterAll(async () => {
	await muster[Symbol.asyncDispose]();
	await postgres[Symbol.asyncDispose]();
});
beforeEach(async ({ task }) => {
	random = seeded(newSeed(task.name));
	postgres.wire.answerDelayMs = 0;
	postgres.wire.open();
	if (!muster.isRunning) await muster.start();
});

it('with a store that answers 100 ms late a kill takes nothing that was acknowledged or seen', async () => {
	using room = await openRoom(muster, random);
	postgres.wire.answerDelayMs = 100;
	room.type(editsPerSecond);
	await until('everybody has typed', () => room.typists.every(({ peer }) => peer.acked.size > 3));
	room.rest();
	await muster.kill();
	await room.scattered();
	postgres.wire.answerDelayMs = 0;
	await muster.start();
	await expectKept(room);
	await room.gather();
	await expectWhole(room, { url });
});

it('while the store refuses to write nothing is acknowledged; afterwards all is saved', async () => {
	using room = await openRoom(muster, random);
	room.type(editsPerSecond);
	await until('everybody has typed', () => room.typists.every(({ peer }) => peer.acked.size > 5));
	await asOwner((sql) => sql`revoke insert, update on all tables in schema public from app`);
	const refused = room.typists.map((typist) => typist.type('impact'));
	await until('everybody sees it', () =>
		room.typists.every(({ peer }) => refused.every((label) => labelsIn(peer.doc).has(label))),
	);
	expect(await room.callers[0]?.call('rename')).toBe(503); // which takes five seconds
	expect(refused.filter((label) => room.typists.some(({ peer }) => peer.acked.has(label)))).toEqual(
		[],
	);
	await asOwner((sql) => sql`grant insert, update on all tables in schema public to app`);
	room.rest();
	await room.saved();
	expect(await room.callers[0]?.call('rename')).toBe(200);
	await expectWhole(room, { url });
});

it('while loads fail people are sent away for a while, and the old content stays', async () => {
	using room = await writtenRoom();
	await muster.restart();
	await asOwner((sql) => sql`revoke select on journal from app`);
	const end = performance.now() + failingMs;
	const codes = new Set<number>();
	while (performance.now() < end) {
		for (const typist of room.typists) {
			typist.type('impact');
			typist.peer.open();
			codes.add((await typist.peer.ended()).code);
		}
	}
	expect([...codes]).toEqual([1013]);
	await asOwner((sql) => sql`grant select on journal to app`);
	await expectKept(room);
	await room.gather();
	await expectWhole(room, { url });
});

const isJournaled = ({ text }: Statement) => text.includes('insert into journal');
const isCommit = ({ text, before }: Statement) => text === 'commit' && before.some(isJournaled);
const isAlone = (statement: Statement) => isJournaled(statement) && statement.before.length === 0;

const moments = (['asked', 'done'] as const).flatMap((when) =>
	(['keystroke', 'entry', 'command'] as const).map((what) => ({ when, what })),
);

it.each(moments)(
	'a reset when the COMMIT of somebody’s $what is $when neither loses nor doubles it',
	async ({ when, what }) => {
		using room = await writtenRoom();
		const answered = await resetAt(
			room,
			{ when, is: what === 'keystroke' ? isAlone : isCommit },
			what,
		);
		if (what === 'command') expect([200, 503, 504]).toContain(answered);
		for (const caller of room.callers) await caller.repeatUnclear();
		await room.saved();
		await expectWhole(room, { url });
	},
);

it('with a store that answers 30 ms late what people type is soon saved', async () => {
	using room = await openRoom(muster, random);
	postgres.wire.answerDelayMs = 30;
	room.type(editsPerSecond);
	const half = ({ peer, written }: TestRoom['typists'][number]) =>
		peer.acked.size > written.length / 2;
	await until('everybody has typed', () =>
		room.typists.every(({ written }) => written.length > 40),
	);
	await until('most of it is saved', () => room.typists.every(half), 5_000);
});

it('when the store has forgotten its connections, Muster soon asks on new ones', async () => {
	await muster.restart(); // with connections that nothing has happened to
	using room = await writtenRoom();
	postgres.wire.halfOpen();
	try {
		for (const typist of room.typists) for (const kind of kinds) typist.type(kind);
		await room.saved(10_000);
	} finally {
		await muster.kill(); // asked to end, it would wait for the dead connections too
	}
});

/** A room in which everybody has written something of every kind, and all of it is saved. */
async function writtenRoom(): Promise<TestRoom> {
	const room = await openRoom(muster, random);
	for (const kind of kinds) for (const typist of room.typists) typist.type(kind);
	room.typists[0]?.peer.edit('first', (doc) => impactOf(doc).insert(0, 'checkouts fail '));
	await room.saved();
	await room.agree();
	return room;
}

/** Resets the store's wires at this moment of what somebody does; gives a command's answer. */
async function resetAt(
	room: TestRoom,
	{ when, is }: Point,
	what: 'keystroke' | 'entry' | 'command',
): Promise<number | undefined> {
	const reached = postgres.statements.silenceAt(when, is);
	const answered = what === 'command' ? room.callers[0]?.call('rename') : undefined;
	const [typist] = room.typists;
	if (what === 'entry') typist?.type('entry');
	if (what === 'keystroke') await typist?.typeUntil(reached);
	await reached;
	postgres.wire.reset();
	postgres.statements.goOn();
	return answered;
}

async function asOwner(work: (sql: Sql) => unknown, database = 'app'): Promise<void> {
	await using db = openDatabase({ ...postgres.ownAddress, database }, { max: 1 });
	await work(db.sql);
}
