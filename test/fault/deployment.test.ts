import { expect, test } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { SyncPeer } from '../support/client.ts';
import { Deployed, type Places } from '../support/deployment.ts';
import { callApi, declare, invite } from '../support/people.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

test('the cluster of docker-compose.yml, as processes: two nodes show each other’s edits, and the persister’s board', async () => {
	await using postgres = await startPostgres();
	await using redis = await startRedis();
	const { url: databaseUrl } = postgres;
	const places: Places = { databaseUrl, redisUrl: redis.url, publicUrl: 'http://localhost:8080' };
	await using one = await Deployed.start('node-1', places);
	await using other = await Deployed.start('node-2', places);
	for (const { url } of [one, other]) {
		const answer = await fetch(`${url}/readyz`);
		expect(await answer.json()).toEqual({ state: 'ready', store: 'there', redis: 'there' });
	}

	const incident = await declare(one);
	const { token } = await invite(other, 'ada');
	using ada = new SyncPeer({ syncUrl: one.syncUrl, incident, token });
	using grace = new SyncPeer({ syncUrl: other.syncUrl, incident, token });
	await Promise.all([ada.connect(), grace.connect()]);
	ada.edit('a', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
	await until('grace sees it', () => impactOf(grace.doc).toJSON() === 'checkouts fail', 1_500);
	await ada.saved();

	expect(await board(other), 'nobody projects before').toEqual([]);
	await using persister = await Deployed.start('persister', places);
	for (const node of [one, other]) {
		await until('the board shows it', async () => (await board(node)).length > 0);
		await until('with its impact', async () => (await board(node))[0]?.impact === 'checkouts fail');
	}
	expect(await Promise.all([one.stop(), other.stop(), persister.stop()])).toEqual([0, 0, 0]);
});

async function board(node: Deployed): Promise<{ title: string; impact: string }[]> {
	const { body } = await callApi(node, 'GET /incidents');
	return (body as { incidents: { title: string; impact: string }[] }).incidents;
}
