import { afterAll, beforeAll, expect, it } from 'vitest';
import * as Y from 'yjs';
import { startBalancer } from '../support/balancer.ts';
import { SyncPeer } from '../support/client.ts';
import { TestCluster } from '../support/cluster.ts';
import { Crowd } from '../support/crowd.ts';
import { replayJournal } from '../support/history.ts';
import { isLarge } from '../support/large.ts';
import { declare, invite } from '../support/people.ts';
import { TestClient } from '../support/presence.ts';
import { newSeed, seeded } from '../support/random.ts';
import { readingOf } from '../support/room.ts';
import { until } from '../support/until.ts';

// Many are in one incident on three nodes, through balancers: whoever falls off one comes to another.

const sizes = isLarge ? { onOneNode: 200, together: 300 } : { onOneNode: 30, together: 30 };
/** A busy machine takes time too. */
const backMs = isLarge ? 5_000 : 15_000;
const ghostMs = 30_000;

let cluster: TestCluster;
beforeAll(async () => void (cluster = await TestCluster.start()));
afterAll(() => cluster[Symbol.asyncDispose]());

it('people of a node that is killed are soon on another one; nothing is lost, and nobody is seen who is not there', async () => {
	const [first, second, third] = cluster.nodes;
	const random = seeded(newSeed('crowd'));
	const incident = await declare(first);
	await using balancer = await startBalancer([third]);
	const place = { incident, balancer, muster: first, name: 'p', random };
	using crowd = await Crowd.gather(sizes.onOneNode, place);
	const watcher = await watcherIn(incident);
	const seesAll = () => isSame(connsSeen(watcher, incident), [...crowd.conns, watcher.socket.id]);
	await until('everybody is seen', seesAll);

	const endTyping = crowd.typeInTurn(20);
	await until('some is acknowledged', () => crowd.acked > 20);
	crowd.stand();
	await third.kill();
	balancer.nodes = [third, second, first];
	const since = stopwatch();
	const ackedBefore = crowd.acked;
	await until('all have fallen', () => crowd.fallen.all === sizes.onOneNode);
	await until('all are back', () => crowd.fallen.back === sizes.onOneNode, 60_000);
	const back = since();
	await until('people go on', () => crowd.acked > ackedBefore + 20);
	await until('exactly those who are there are seen', seesAll, 2 * ghostMs);
	const seen = since();
	endTyping();
	console.log(`${sizes.onOneNode} people are back after ${back} ms, seen rightly after ${seen} ms`);
	expect(back).toBeLessThan(backMs);
	expect(seen).toBeLessThan(ghostMs);
	watcher.socket.disconnect();
	await third.start();
	await expectAlike(incident, [crowd]);
});

it('an incident that many people have open on all three nodes reads the same for everybody', async () => {
	const random = seeded(newSeed('together'));
	const [muster] = cluster.nodes;
	const incident = await declare(muster);
	await using stack = new AsyncDisposableStack();
	const since = stopwatch();
	const crowds: Crowd[] = [];
	for (const [i, node] of cluster.nodes.entries()) {
		const balancer = stack.use(await startBalancer([node]));
		const place = { incident, balancer, muster, name: 'xyz'.charAt(i), random };
		crowds.push(stack.use(await Crowd.gather(sizes.together / 3, place)));
	}
	const gathered = since();
	const ends = crowds.map((crowd) => crowd.typeInTurn(5));
	await until('many have typed', () => crowds.every(({ acked }) => acked > 20), 30_000);
	ends.forEach((end) => end());
	const rested = since();
	await expectAlike(incident, crowds);
	const alike = since() - rested;
	console.log(`${sizes.together} people are there after ${gathered} ms, alike after ${alike} ms`);
});

/** All copies are those of a newcomer and of the journal, and hold all that anybody wrote, once. */
async function expectAlike(incident: string, crowds: readonly Crowd[]): Promise<void> {
	await Promise.all(crowds.map((crowd) => crowd.saved()));
	for (const crowd of crowds) crowd.expectWelcome();
	const [, , { syncUrl, adminToken: token }] = cluster.nodes;
	using reader = new SyncPeer({ syncUrl, incident, token });
	await reader.connect();
	const docs = [reader.doc, ...crowds.flatMap((crowd) => crowd.docs)];
	await until('everybody has the same', () => haveSame(docs), 30_000);
	const [reading, ...others] = docs.map((doc) => JSON.stringify(readingOf(doc)));
	expect(others.filter((other) => other !== reading)).toEqual([]);
	expect(crowds.flatMap((crowd) => crowd.findLost(reader.doc))).toEqual([]);
	const { doc, faults } = await replayJournal(cluster.db.sql, incident);
	expect(faults).toEqual([]);
	expect(JSON.stringify(readingOf(doc))).toBe(reading);
}

function haveSame([first, ...others]: readonly Y.Doc[]): boolean {
	const snapshot = Y.snapshot(first ?? new Y.Doc());
	return others.every((doc) => Y.equalSnapshots(Y.snapshot(doc), snapshot));
}

/** Ada, on a node that lives on. */
async function watcherIn(incident: string): Promise<TestClient> {
	const [node] = cluster.nodes;
	const { token } = await invite(node, 'ada');
	const headers = { Authorization: `Bearer ${token}` };
	const watcher = new TestClient(Number(new URL(node.url).port), headers, {});
	await watcher.connected();
	await watcher.ask('enter', { incident });
	return watcher;
}

function connsSeen(watcher: TestClient, incident: string): string[] {
	return (watcher.present.get(incident) ?? []).map(({ conn }) => conn);
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
	return some.length === others.length && new Set([...some, ...others]).size === some.length;
}

/** Whole milliseconds since now. */
function stopwatch(): () => number {
	const from = performance.now();
	return () => Math.round(performance.now() - from);
}
