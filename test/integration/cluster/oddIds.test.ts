import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { callApi, declare, invite, type TestPerson } from '../../support/people.ts';
import { TestClient } from '../../support/presence.ts';
import { startRedis, type OwnRedis } from '../../support/redis.ts';
import { startMuster, type Muster } from '../../support/server.ts';

// Ids with signs that mean something to Redis, to a path or to a query, at every door of a node.

let redis: OwnRedis;
let muster: Muster;
let other: Muster;
let ada: TestPerson;
let incident: string;
beforeAll(async () => {
	redis = await startRedis();
	const options = { databaseUrl: await testDatabaseUrl(), env: { REDIS_URL: redis.url } };
	muster = await startMuster(options);
	other = await startMuster(options);
	ada = await invite(muster, 'ada');
	incident = await declare(muster);
});
afterAll(async () => {
	await Promise.all([muster, other].map((node) => node[Symbol.asyncDispose]()));
	await redis[Symbol.asyncDispose]();
});

const oddIds: Record<string, (id: string) => string> = {
	'a glob': () => '*',
	'a glob of its end': (id) => `${id.slice(0, -1)}*`,
	'any sign at its end': (id) => `${id.slice(0, -1)}%3f`,
	'a channel of it': (id) => `${id}}:turns`,
	'a hash tag': (id) => `{${id}}`,
	'a closed hash tag': (id) => `${id}}`,
	'an open hash tag': (id) => `{${id}`,
	'an empty hash tag': (id) => `{}${id}`,
	'a further part': (id) => `${id}:present`,
	'a further path': (id) => `${id}/turns`,
	'a path upwards': (id) => `x/../${id}x`,
	'an escaped slash': (id) => `${id}%2f`,
	'an escaped sign': (id) => `%7b${id}%7d`,
	'a stray percent sign': (id) => `${id}%`,
	'a NUL': (id) => `${id}%00`,
	capitals: (id) => id.toUpperCase(),
	'two of them': (id) => `${id},${id}`,
	nothing: () => '%20',
};

test.each(Object.entries(oddIds))('%s is no incident, at any door', async (_, make) => {
	const client = await clientOf(ada);
	const before = await namesInRedis();
	const odd = make(incident);

	const { syncUrl } = muster;
	using peer = new SyncPeer({ syncUrl, incident: odd, token: ada.token });
	peer.open();
	expect((await peer.ended()).code).toBe(404);

	for (const id of [odd, decoded(odd)]) {
		expect(await client.ask('enter', { incident: id })).toMatchObject({
			error: { code: expect.stringMatching(/^(invalid|unknown)$/) as string },
		});
	}
	for (const route of [`GET /incidents/${odd}`, `GET /incidents/${odd}/access`] as const) {
		expect((await callApi(muster, route, { token: ada.token })).status).toBeOneOf([400, 404]);
	}
	for (const [path, body] of writes) {
		const answer = await callApi(muster, `POST /incidents/${odd}/${path}`, { body });
		expect(answer.status).toBeOneOf([400, 404]);
	}
	expect(await namesInRedis()).toEqual(before);
});

test('what happens in an incident on one node is heard of in no other incident on another', async () => {
	const incidents = [incident, await declare(muster, 'search is slow')] as const;
	const [here, there] = [await clientOf(ada), await clientOf(ada, other)];
	await here.ask('enter', { incident: incidents[0] });
	await there.ask('enter', { incident: incidents[1] });
	const { token } = ada;
	using one = new SyncPeer({ syncUrl: muster.syncUrl, incident: incidents[0], token });
	using two = new SyncPeer({ syncUrl: other.syncUrl, incident: incidents[1], token });
	await Promise.all([one.connect(), two.connect()]);
	one.edit('a', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
	two.edit('b', (doc) => impactOf(doc).insert(0, 'searches take long'));
	await Promise.all([one.saved(), two.saved()]);
	await Promise.all([here.sees(incidents[0], 'ada'), there.sees(incidents[1], 'ada')]);
	expect([...here.present.keys(), ...there.present.keys()]).toEqual(incidents);
	expect(impactOf(one.doc).toJSON()).toBe('checkouts fail');
	expect(impactOf(two.doc).toJSON()).toBe('searches take long');
});

const writes: readonly [path: string, body: object][] = [
	['commands', { type: 'rename', title: 'search is slow' }],
	['entries', { text: 'pool is full' }],
	['restore', { turn: 1 }],
];

/** Somebody at the door of presence, until the test is over. */
async function clientOf({ token }: TestPerson, node = muster): Promise<TestClient> {
	const headers = { Authorization: `Bearer ${token}` };
	const client = new TestClient(Number(new URL(node.url).port), headers, {});
	onTestFinished(() => void client.socket.disconnect());
	await client.connected();
	return client;
}

/** As a path's reader would read it. */
function decoded(id: string): string {
	try {
		return decodeURIComponent(id);
	} catch {
		return id;
	}
}

/** All channels and keys that are in use, but for those that count requests. */
async function namesInRedis(): Promise<string[]> {
	const answers = [await redis.ask('PUBSUB', 'SHARDCHANNELS'), await redis.ask('KEYS', '*')];
	const names = answers.flatMap((answer) => JSON.parse(answer) as string[]);
	return names.filter((name) => !name.includes('{buckets}')).sort();
}
