import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import { createLog } from '#server/log.ts';
import { Attendance } from '#server/persister/attendance.ts';
import { endStaleAttendance, noteAttendance, readAttendance } from '#server/storage/attendance.ts';
import type { Database } from '#server/storage/database.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { ada, grace } from '../../support/record.ts';
import { until } from '../../support/until.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');
const at = Date.parse('2026-11-24T02:13:00Z');

test('who was in a room is kept from when to when, once a connection', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	{
		await using attendance = new Attendance({ db, log });
		const tab = { incident, person: ada, conn: 'a' };
		attendance.attended(tab, at);
		attendance.attended({ incident, person: ada, conn: 'b' }, at + 5_000);
		attendance.left(tab, at + 60_000);
	}
	expect(await readAttendance(db.sql, incident)).toEqual([
		{ incident, person: ada, conn: 'a', enteredAt: at, leftAt: at + 60_000 },
		{ incident, person: ada, conn: 'b', enteredAt: at + 5_000, leftAt: null },
	]);
});

test('who comes back on the same connection has a second stay', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	const tab = { incident, person: ada, conn: 'a' };
	{
		await using attendance = new Attendance({ db, log });
		for (const minute of [0, 10]) {
			attendance.attended(tab, at + minute * 60_000);
			attendance.left(tab, at + (minute + 5) * 60_000);
		}
		attendance.left(tab, at + 20 * 60_000);
	}
	const stays = await readAttendance(db.sql, incident);
	expect(stays.map(({ enteredAt, leftAt }) => [enteredAt - at, (leftAt ?? 0) - at])).toEqual([
		[0, 300_000],
		[600_000, 900_000],
	]);
});

test('a glance is no attendance', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	{
		await using attendance = new Attendance({ db, log });
		attendance.attended({ incident, person: ada, conn: 'a' }, at);
		attendance.left({ incident, person: ada, conn: 'a' }, at + 900);
	}
	expect(await readAttendance(db.sql, incident)).toEqual([]);
});

test('a glance is no attendance, also while somebody else’s coming is written', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	await using attendance = new Attendance({ db, log });
	attendance.attended({ incident, person: ada, conn: 'a' }, at);
	// What is unwritten is written with a beat, whenever that comes.
	await attendance.start();
	attendance.left({ incident, person: ada, conn: 'a' }, at + 900);
	attendance.attended({ incident, person: grace, conn: 'b' }, at);
	attendance.left({ incident, person: grace, conn: 'b' }, at + 60_000);
	await until('grace is known', async () => (await readAttendance(db.sql, incident)).length > 0);
	expect((await readAttendance(db.sql, incident)).map(({ conn }) => conn)).toEqual(['b']);
});

test('somebody who came in is known while still there', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	await using attendance = new Attendance({ db, log });
	attendance.attended({ incident, person: ada, conn: 'a' }, at);
	await until('ada is there', async () => (await readAttendance(db.sql, incident)).length === 1);
});

test('who was in a room when its node died has left when last noted', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	const stay = { incident, person: ada, conn: 'a', enteredAt: at, leftAt: null };
	await noteAttendance(db.sql, [stay, { ...stay, person: grace, conn: 'b' }]);
	await db.sql`
		update attendance set seen_at = now() - interval '2 minutes'
		where incident = ${incident} and conn = 'a'`;
	await using attendance = new Attendance({ db, log });
	await attendance.start();
	const rows = await db.sql`
		select conn, left_at = seen_at as left from attendance where incident = ${incident} order by 1`;
	expect(rows).toEqual([
		{ conn: 'a', left: true },
		{ conn: 'b', left: null },
	]);
});

test('a node that was only frozen takes its people back', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	const stay = { incident, person: ada, conn: 'a', enteredAt: at, leftAt: null };
	await noteAttendance(db.sql, [stay]);
	await endStaleAttendance(db.sql, -1_000);
	expect((await readAttendance(db.sql, incident))[0]?.leftAt).not.toBeNull();
	await noteAttendance(db.sql, [stay]);
	expect(await readAttendance(db.sql, incident)).toEqual([stay]);
});

test('an unknown incident keeps nobody else from being noted', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	const unknown = '00000000-0000-4000-8000-00000000dead' as IncidentId;
	{
		await using attendance = new Attendance({ db, log });
		attendance.attended({ incident: unknown, person: ada, conn: 'a' }, at);
		attendance.attended({ incident, person: ada, conn: 'a' }, at);
	}
	expect(await readAttendance(db.sql, incident)).toHaveLength(1);
});
