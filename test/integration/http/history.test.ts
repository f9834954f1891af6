import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EntryId, PersonId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readMoment, reviewClocks } from '#core/review/clocks.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { editAtRandom } from '../../support/randomEdits.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { downloadReplay } from '../../support/replayed.ts';
import { timelineNames, timelineText } from '../../support/timelines.ts';
import { until } from '../../support/until.ts';

let api: TestApi;
let db: Database;
let grace: ApiPerson;
let linus: ApiPerson;
let names: Map<string, string>;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	grace = await api.invite('Grace');
	linus = await api.invite('Linus', 'viewer');
	const { body } = await api.ask('GET /people');
	names = new Map((body as { people: ApiPerson[] }).people.map(({ id, name }) => [id, name]));
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const nameOf = (person: PersonId) => names.get(person) ?? 'Somebody';

async function join(incident: string, { token }: { token: string } = grace): Promise<SyncPeer> {
	const syncUrl = `${api.url.replace('http', 'ws')}/sync`;
	const peer = new SyncPeer({ syncUrl, incident, token });
	await peer.connect();
	return peer;
}

async function turnOf(incident: string): Promise<number> {
	const [row] = await db.sql<[{ turn: number }]>`select turn from documents where id = ${incident}`;
	return row.turn;
}

function at(incident: string, query: string, { token }: { token: string } = linus) {
	return api.ask(`GET /incidents/${incident}/at?${query}`, { token });
}

test('after every turn the replay, and the server, read what a live client read then', async () => {
	const random = seeded(newSeed('history over HTTP'));
	const incident = await api.declare();
	using peer = await join(incident);
	const live = new Map<number, string>();
	for (let i = 0; i < 60; i++) {
		for (let burst = Math.floor(random() * 5); burst >= 0; burst--) editAtRandom(peer.doc, random);
		await peer.saved();
		if (i % 10 === 5) {
			const title = `checkout is down ${i}`;
			await api.ask(`POST /incidents/${incident}/commands`, { body: { type: 'rename', title } });
			await until('the title is there', () => readIncident(peer.doc, nameOf).title === title);
		}
		live.set(await turnOf(incident), JSON.stringify(readIncident(peer.doc, nameOf)));
	}
	const { replay, header } = await downloadReplay(api.url, incident, linus);
	expect(replay.length).toBe(header.turn);
	for (const [turn, reading] of live) {
		expect(JSON.stringify(readIncident(replay.documentAt(turn), nameOf))).toBe(reading);
		const { body } = await at(incident, `turn=${turn}`);
		expect(body).toMatchObject({
			turn,
			impact: (JSON.parse(reading) as { impact: string }).impact,
		});
	}
});

test('both clocks read the same on the server and in a browser, at any instant', async () => {
	const incident = await api.declare();
	using peer = await join(incident);
	const before = Date.now() - 600_000;
	for (let n = 1; n < 9; n++) {
		const id = `01KAV00000000000000000000${n}` as EntryId;
		const occurredAt = before + n * 60_000;
		writeEntry(peer.doc, id, { kind: 'note', text: `line ${n}`, occurredAt });
		impactOf(peer.doc).insert(0, `${n} `);
		await peer.saved();
	}
	const { replay } = await downloadReplay(api.url, incident, linus);
	const instants = [before + 250_000, replay.timeOf(3), replay.timeOf(5) + 1, Date.now()];
	for (const instant of instants) {
		for (const clock of reviewClocks) {
			const turn = replay.turnAt(instant);
			if (turn === 0 && clock === 'known') continue;
			const moment = { clock, at: instant, known: replay.documentAt(turn), latest: replay.latest };
			const mine = readMoment(moment, nameOf);
			const { body } = await at(incident, `t=${new Date(instant).toISOString()}&clock=${clock}`);
			const theirs = body as { turn: number; impact: string; timeline: { id: string }[] };
			expect([clock, theirs.turn, theirs.impact]).toEqual([clock, turn, mine.impact]);
			expect(theirs.timeline.map(({ id }) => id)).toEqual(mine.timeline.map(({ id }) => id));
		}
	}
	const { body } = await at(
		incident,
		`t=${new Date(before + 250_000).toISOString()}&clock=happened`,
	);
	const { timeline, notYetKnown } = body as { timeline: { id: string }[]; notYetKnown: string[] };
	expect(timeline).toHaveLength(4);
	expect(notYetKnown).toEqual(timeline.map(({ id }) => id));
});

test('a download goes on after the last turn that came, and nothing new is nothing', async () => {
	const incident = await api.declare();
	using peer = await join(incident);
	impactOf(peer.doc).insert(0, 'all fail');
	await peer.saved();
	const { replay } = await downloadReplay(api.url, incident, linus);
	impactOf(peer.doc).insert(0, 'nearly ');
	await peer.saved();
	await downloadReplay(api.url, incident, { ...linus, replay });
	expect(readIncident(replay.latest, nameOf).impact).toBe('nearly all fail');
	const { header } = await downloadReplay(api.url, incident, { ...linus, replay });
	expect(header).toMatchObject({ after: replay.length, turn: replay.length, isOpen: true });
});

test('a history that has not changed is not sent again', async () => {
	const incident = await api.declare();
	const command = (body: object) => api.ask(`POST /incidents/${incident}/commands`, { body });
	await command({ type: 'setStatus', status: 'resolved' });
	await command({ type: 'close' });
	const first = await api.ask(`GET /incidents/${incident}/history`, linus);
	const etag = first.headers.get('etag') ?? '';
	expect(first.headers.get('cache-control')).toBe('private, no-cache');
	const headers = { 'If-None-Match': etag };
	const again = await api.ask(`GET /incidents/${incident}/history`, { ...linus, headers });
	expect([first.status, again.status]).toEqual([200, 304]);
	await command({ type: 'reopen' });
	const changed = await api.ask(`GET /incidents/${incident}/history`, { ...linus, headers });
	expect(changed.status).toBe(200);
});

test('who may not read the incident gets no history, and odd questions an answer in words', async () => {
	const incident = await api.declare();
	const ask = async (path: string, token: string | null = linus.token) =>
		(await api.ask(`GET ${path}`, { token })).status;
	expect(await ask(`/incidents/${incident}/history`, null)).toBe(403);
	expect(await ask(`/incidents/${incident}/at?turn=1`, null)).toBe(403);
	expect(await ask('/incidents/00000000-0000-4000-8000-000000000000/history')).toBe(404);
	expect(await ask('/incidents/00000000-0000-4000-8000-000000000000/at?turn=1')).toBe(404);
	expect(await ask(`/incidents/${incident}/at`)).toBe(200);
	expect(await ask(`/incidents/${incident}/at?turn=1&t=2026-11-24T02:13:00Z`)).toBe(422);
	expect(await ask(`/incidents/${incident}/at?turn=99`)).toBe(422);
	expect(await ask(`/incidents/${incident}/at?t=yesterday`)).toBe(422);
	expect(await ask(`/incidents/${incident}/at?t=1999-01-01T00:00:00Z`)).toBe(422);
	expect(await ask(`/incidents/${incident}/at?t=1999-01-01T00:00:00Z&clock=happened`)).toBe(200);
	expect(await ask(`/incidents/${incident}/at?turn=1&clock=tomorrow`)).toBe(422);
	expect(await ask(`/incidents/${incident}/history?after=-1`)).toBe(422);
	expect(await ask(`/incidents/${incident}/history?after=99`)).toBe(200);
});

test.each(timelineNames)(
	'%s is imported and replayed as it happened, entry by entry',
	async (name) => {
		const made = await api.ask('POST /imports/timeline', { raw: timelineText(name) });
		const { id } = made.body as { id: string };
		const whole = (await api.ask(`GET /incidents/${id}`)).body as {
			timeline: { id: string; source: string; occurredAt: string }[];
		};
		const entries = whole.timeline.filter(({ source }) => source === 'entry');
		for (const instant of new Set(entries.map(({ occurredAt }) => occurredAt))) {
			const { body } = await at(id, `t=${instant}&clock=happened`);
			const read = body as { clocks: string[]; timeline: { id: string; source: string }[] };
			expect(read.clocks).toEqual(['happened']);
			const due = entries.filter(({ occurredAt }) => occurredAt <= instant);
			const shown = read.timeline.filter(({ source }) => source === 'entry');
			expect(shown.map((entry) => entry.id)).toEqual(due.map((entry) => entry.id));
		}
	},
);
