import type { Socket as NetSocket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAttendance } from '#server/storage/attendance.ts';
import { limits } from '#server/limits.ts';
import { TestJournal } from '../../support/journal.ts';
import { PresenceStand, type TestClient } from '../../support/presence.ts';
import { startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';

let stand: PresenceStand;
beforeAll(async () => void (stand = await PresenceStand.open()));
afterAll(() => stand[Symbol.asyncDispose]());

/** The wire under a client's websocket. */
function wireOf({ socket }: TestClient): NetSocket {
	const { ws } = socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } };
	return ws._socket;
}

test('everybody in a room sees who is there, and in what', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	expect(await ada.ask('enter', { incident })).toEqual({});
	await ada.ask('where', { place: 'notes' });
	await grace.ask('enter', { incident });
	await ada.sees(incident, 'Ada', 'Grace');
	await grace.sees(incident, 'Ada', 'Grace');
	expect(grace.present.get(incident)?.[0]).toEqual({
		person: expect.stringMatching(/^[0-9a-f-]{36}$/),
		name: 'Ada',
		conn: ada.socket.id,
		place: 'notes',
		since: expect.any(Number),
		idle: false,
	});
	await ada.ask('where', { place: null, idle: true });
	await until('ada is idle', () => grace.present.get(incident)?.[0]?.idle === true);
});

test('a person with two tabs is there twice, and counts once', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const token = await stand.token('Ada');
	const tabs = [1, 2].map(() => stand.client({ Authorization: `Bearer ${token}` }));
	for (const tab of tabs) {
		await tab.connected();
		await tab.ask('enter', { incident });
	}
	await tabs[0]?.sees(incident, 'Ada', 'Ada');
	expect((await stand.presence.counts([incident])).get(incident)).toBe(1);
});

test('who goes to another room is in no two', async () => {
	const [one, other] = [
		await TestJournal.declare(stand.db.sql),
		await TestJournal.declare(stand.db.sql),
	];
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await ada.ask('enter', { incident: one.incident });
	await grace.ask('enter', { incident: one.incident });
	await grace.sees(one.incident, 'Ada', 'Grace');
	await ada.ask('enter', { incident: other.incident });
	await grace.sees(one.incident, 'Grace');
	await ada.sees(other.incident, 'Ada');
	await grace.ask('where', { place: 'impact' });
	await until('grace is in it', () => grace.present.get(one.incident)?.[0]?.place === 'impact');
	expect(ada.namesIn(one.incident)).toEqual(['Ada', 'Grace']); // the last that it heard of it
});

test('who leaves is gone, and was there from when to when', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await ada.ask('enter', { incident });
	await grace.ask('enter', { incident });
	await grace.sees(incident, 'Ada', 'Grace');
	await until('both are noted', async () => {
		return (await readAttendance(stand.db.sql, incident)).length === 2;
	});
	ada.socket.disconnect();
	await grace.sees(incident, 'Grace');
	await until('ada has left', async () => {
		const [stay] = await readAttendance(stand.db.sql, incident);
		return stay?.leftAt !== null && (stay?.leftAt ?? 0) > (stay?.enteredAt ?? 0);
	});
});

test('[A8] whoever has the retrospective open is seen there, and does not attend the incident', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	const noted = async () => {
		const stays = await readAttendance(stand.db.sql, incident);
		return stays.map(({ conn, leftAt }) => [conn, leftAt === null]);
	};
	// As the page of a retrospective does.
	await ada.ask('enter', { incident });
	await ada.ask('where', { place: 'retro' });
	await grace.ask('enter', { incident });
	await grace.sees(incident, 'Ada', 'Grace');
	await until('grace is noted', async () => (await noted()).length > 0);
	expect(await noted()).toEqual([[grace.socket.id, true]]);
	await grace.ask('where', { place: 'finding:01KAV000000000000000000001' });
	await until('grace has gone there', async () => (await noted())[0]?.[1] === false);
	await grace.ask('where', { place: 'impact' });
	await until('grace is back', async () => (await noted()).length === 2);
	expect(await noted()).toEqual([
		[grace.socket.id, false],
		[grace.socket.id, true],
	]);
});

test('a client that is killed vanishes at once', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await ada.ask('enter', { incident });
	await grace.ask('enter', { incident });
	await grace.sees(incident, 'Ada', 'Grace');
	ada.socket.io.reconnection(false);
	wireOf(ada).destroy();
	await grace.sees(incident, 'Grace');
});

test('a client whose network goes silent vanishes within the ping timeouts', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	await using wire = await startProxy({ port: stand.port, host: '127.0.0.1' });
	const token = await stand.token('Ada');
	const ada = stand.client({ Authorization: `Bearer ${token}` }, { port: wire.port });
	const grace = await stand.person('Grace');
	await ada.connected();
	await ada.ask('enter', { incident });
	await grace.ask('enter', { incident });
	await grace.sees(incident, 'Ada', 'Grace');
	wire.freeze();
	const frozenAt = performance.now();
	await grace.sees(incident, 'Grace');
	const tookMs = performance.now() - frozenAt;
	expect(tookMs).toBeLessThan(limits.presencePingMs + limits.presencePongMs + 1_000);
	ada.socket.disconnect();
});

test('nobody can be somebody else', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, linus] = [await stand.person('Ada'), await stand.person('Linus')];
	await ada.ask('enter', { incident });
	await ada.sees(incident, 'Ada');
	const [shown] = ada.present.get(incident) ?? [];
	for (const message of [
		{ incident, person: shown?.person },
		{ incident, name: 'Ada' },
		{ incident, conn: ada.socket.id },
		{ incident, since: 0 },
	]) {
		expect(await linus.ask('enter', message)).toMatchObject({ error: { code: 'invalid' } });
	}
	expect(await linus.ask('where', { place: null, conn: ada.socket.id })).toHaveProperty('error');
	expect(await linus.ask('present', { incident, people: [] })).toMatchObject({
		error: { code: 'unknown' },
	});
	await linus.ask('enter', { incident });
	await ada.sees(incident, 'Ada', 'Linus');
	expect(ada.present.get(incident)?.[0]).toEqual(shown);
});

test('a room that does not exist reads as one that may not be seen', async () => {
	const ada = await stand.person('Ada');
	const unknown = '00000000-0000-4000-8000-00000000dead';
	expect(await ada.ask('enter', { incident: unknown })).toEqual({
		error: { code: 'unknown', message: 'There is no such incident.' },
	});
	expect((await stand.presence.counts([unknown as never])).get(unknown as never)).toBe(0);
});

test('many changes at once reach the others as few lists', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await grace.ask('enter', { incident });
	await grace.sees(incident, 'Grace');
	let lists = 0;
	grace.socket.on('present', () => lists++);
	await ada.ask('enter', { incident });
	for (let i = 0; i < 20; i++) ada.socket.emit('where', { place: `entry:${i}` });
	await until('the last is seen', () => grace.present.get(incident)?.at(-1)?.place === 'entry:19');
	expect(lists).toBeLessThan(6);
});

test('while the store is away nobody is turned away for good', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const ada = await stand.person('Ada');
	stand.isAway = true;
	ada.socket.emit('enter', { incident });
	await until('ada is sent around', () => ada.ends.length > 0);
	await until('ada tries again', () => !ada.socket.connected && ada.socket.active);
	stand.isAway = false;
	await until('ada is back', () => ada.socket.connected);
	await ada.ask('enter', { incident });
	await ada.sees(incident, 'Ada');
});
