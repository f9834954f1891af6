import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { severities, type Severity } from '#core/incident/lifecycle.ts';
import { limits } from '#server/limits.ts';
import { startBalancer } from '../support/balancer.ts';
import { findMisheard } from '../support/caller.ts';
import { expectWhole } from '../support/claims.ts';
import type { SyncPeer } from '../support/client.ts';
import { TestCluster } from '../support/cluster.ts';
import { labelsIn } from '../support/edits.ts';
import { isLarge } from '../support/large.ts';
import { callApi, type Answer, type TestPerson } from '../support/people.ts';
import type { Proxy } from '../support/proxy.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import type { Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

const moves = isLarge ? 300 : 16;
/** Far less than until the next look into the journal. */
const heldMs = isLarge ? 500 : 1_500;
/** A busy machine takes time too. */
const seenMs = isLarge ? 3_000 : 10_000;

// The first node's wire to its store is a test's to break, and each test mends what it broke.
let cluster: TestCluster;
beforeAll(async () => void (cluster = await TestCluster.start({ withWire: true })));
afterAll(() => cluster[Symbol.asyncDispose]());

it('whoever moves to a node that is behind, in the middle of commands, is not refused or held up, and nothing is there twice', async () => {
	const [near, far] = cluster.nodes;
	await using balancer = await startBalancer([near]);
	const urls: Record<string, string> = { ada: balancer.syncUrl, linus: far.syncUrl };
	const random = seeded(newSeed('moves'));
	using room = await openRoom(near, random, { syncUrlOf: (name) => urls[name] });
	const ada = peerOf(room, 'ada');
	await cluster.redis.kill(); // what one node writes the other finds out by its poll
	const journey = { behind: 0, heldMs: [] as number[] };
	const calls: { key: string; status: number }[] = [];
	let severity: Severity | null = null;
	for (let i = 0; i < moves; i++) {
		const [from, to] = i % 2 === 0 ? [near, far] : [far, near];
		const asks = new Asks(room, `${i}`);
		const seen = typistOf(room, from === near ? 'grace' : 'linus').type('notes');
		await until('ada sees what is not there yet', () => labelsIn(ada.doc).has(seen));
		typistOf(room, 'ada').type();
		await ada.saved();
		const [mine, next] = severities.filter((one) => one !== severity) as [Severity, Severity];
		const set = { type: 'setSeverity', severity: mine, expects: severity };
		const link = { type: 'link', url: `https://example.com/${i}` };
		const chosen = await asks.command(from, set);
		const logged = await asks.log(from);
		const underWay = asks.command(from, link);
		if (await isBehind(to, room, idIn(logged))) journey.behind += 1;

		await ada.cut();
		balancer.nodes = [to];
		const movedAt = performance.now();
		ada.open();
		typistOf(room, 'ada').type('notes'); // on what the other one wrote
		await until('ada is saved there', () => {
			expect(ada.closed).toBeNull();
			return ada.isSaved;
		});
		journey.heldMs.push(performance.now() - movedAt);
		const again = [
			await asks.command(to, set, 0),
			await asks.log(to, 1),
			await asks.command(to, link, 2),
		];
		const first = [chosen, logged, await underWay];
		expect(first.map(({ status }) => status)).toEqual([200, 201, 200]);
		expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
		expect(again.map(idIn)).toEqual(first.map(idIn));
		// What she saw on the one node is what stands on the other.
		const on = await asks.command(to, { type: 'setSeverity', severity: next, expects: mine });
		expect(on).toMatchObject({ status: 200 });
		severity = next;
		calls.push(...asks.calls);
	}
	const longest = Math.round(Math.max(...journey.heldMs));
	console.log(`${moves} moves, ${journey.behind} to a node behind: saved in ${longest} ms at most`);
	expect(journey.behind).toBeGreaterThan(moves / 2);
	expect(longest).toBeLessThan(heldMs);
	expect(room.typists.filter(({ peer }) => peer.closed !== null)).toEqual([]);
	await expectWhole(room, cluster);
	using reader = await room.newReader();
	expect(findMisheard(reader.doc, [{ calls }])).toEqual([]);
	expect(calls).toHaveLength(4 * moves);
	await cluster.redis.start();
	await until('all nodes have Redis again', allHaveRedis);
});

const partitions: Record<string, (wire: Proxy) => void> = {
	'all connections to its store end': (wire) => wire.cut(),
	'its store falls silent': (wire) => wire.freeze(),
};

describe.each(Object.entries(partitions))('a node of a cluster, as %s', (_, breaks) => {
	it('lets its people go on unsaved, shows that to nobody on other nodes, and merges afterwards', async () => {
		using room = await openApart();
		const { wire } = wireOf();
		const [ada, grace, linus] = [peerOf(room, 'ada'), peerOf(room, 'grace'), peerOf(room, 'linus')];
		room.type(10);
		await until('everybody is there', () => room.typists.every(({ peer }) => peer.acked.size > 3));
		// A turn whose fate is unclear would be a hole in what the others tell of.
		room.rest();
		await room.saved();
		await room.agree();
		breaks(wire);
		const before = { seen: elsewhere(grace), acked: [ada, linus].map(({ acked }) => acked.size) };
		room.type(10);
		ada.edit('apart', (doc) => impactOf(doc).insert(0, '<apart>'));
		grace.edit('beside', (doc) => impactOf(doc).insert(0, '<beside>'));
		await until('linus sees ada', () => reads(linus, '<apart>'), seenMs);
		await until('ada sees what is committed elsewhere', () => reads(ada, '<beside>'), seenMs);
		await pause(limits.pollMs + 500); // no look into the journal shows it either
		expect(reads(grace, '<apart>')).toBe(false);
		expect(elsewhere(grace)).toEqual(before.seen);
		expect([ada, linus].map(({ acked }) => acked.size)).toEqual(before.acked);
		expect([ada, linus].map(({ closed }) => closed)).toEqual([null, null]);
		expect(grace.acked.has('beside')).toBe(true);

		wire.open();
		await until('ada is acknowledged', () => ada.acked.has('apart'));
		await until('grace sees her', () => reads(grace, '<apart>'), seenMs);
		room.rest();
		await room.saved();
		await expectWhole(room, cluster);
	});

	it('delivers at its next start what its people wrote, if it is killed meanwhile and none of them comes back', async () => {
		using room = await openApart();
		const [node] = cluster.nodes;
		const { wire } = wireOf();
		const [ada, grace, linus] = [peerOf(room, 'ada'), peerOf(room, 'grace'), peerOf(room, 'linus')];
		breaks(wire);
		for (let i = 0; i < 20; i++) typistOf(room, i % 2 === 0 ? 'ada' : 'linus').type('notes');
		ada.edit('apart', (doc) => impactOf(doc).insert(0, '<apart>'));
		await until('linus sees her', () => reads(linus, '<apart>'), seenMs);
		await until('ada sees him', () => elsewhere(ada).length >= 20);
		await node.kill();
		await Promise.all([ada.ended(), linus.ended()]);
		grace.edit('beside', (doc) => impactOf(doc).insert(0, '<beside>'));
		await grace.saved();
		expect(elsewhere(grace)).toEqual([]);
		expect(await unsavedFiles(node)).toHaveLength(1);

		wire.open();
		await node.start();
		await until('grace sees them', () => elsewhere(grace).length === 20, seenMs);
		expect(reads(grace, '<apart>')).toBe(true);
		expect(await unsavedFiles(node)).toEqual([]);
		await Promise.all([ada.connect(), linus.connect()]);
		await room.saved();
		await expectWhole(room, cluster);
	});
});

/** What is asked over the API, each under a key; `again` repeats what was asked as the so-manieth. */
class Asks {
	readonly calls: { key: string; status: number }[] = [];
	readonly #room: TestRoom;
	readonly #name: string;

	constructor(room: TestRoom, name: string) {
		this.#room = room;
		this.#name = name;
	}

	command(node: Muster, body: object, again?: number): Promise<Answer> {
		return this.#send(node, { path: 'commands', body, again });
	}

	log(node: Muster, again?: number): Promise<Answer> {
		return this.#send(node, { path: 'entries', body: { text: `seen at ${this.#name}` }, again });
	}

	async #send(
		node: Muster,
		{ path, body, again }: { path: string; body: object; again: number | undefined },
	): Promise<Answer> {
		const n = again ?? this.calls.length;
		const call = (this.calls[n] ??= { key: `${this.#name}/${n}`, status: 0 });
		const { token } = this.#room.people[0] as TestPerson;
		const answer = await callApi(node, `POST /incidents/${this.#room.incident}/${path}`, {
			body: { ...body, idempotencyKey: call.key },
			token,
		});
		call.status = answer.status;
		return answer;
	}
}

/** The id of the fact or the entry that an answer is about. */
function idIn({ body }: Answer): string {
	const { id, facts } = body as { id?: string; facts?: { id: string }[] };
	return id ?? facts?.map((fact) => fact.id).join() ?? '';
}

/** Whether a node does not have an entry yet. */
async function isBehind(node: Muster, room: TestRoom, entry: string): Promise<boolean> {
	const { body } = await callApi(node, `GET /incidents/${room.incident}`);
	return !(body as { timeline: { id: string }[] }).timeline.some(({ id }) => id === entry);
}

async function allHaveRedis(): Promise<boolean> {
	const states = await Promise.all(
		cluster.nodes.map(async ({ url }) => (await fetch(`${url}/readyz`)).json()),
	);
	return (states as { redis: string }[]).every(({ redis }) => redis === 'there');
}

/** Ada and linus are on the node with the wire, grace is on another one. */
async function openApart(): Promise<TestRoom> {
	const [apart, other] = cluster.nodes;
	const syncUrlOf = (name: string) => (name === 'grace' ? other : apart).syncUrl;
	return openRoom(other, seeded(newSeed('apart')), { syncUrlOf });
}

/** What somebody reads of those who are on the node with the wire. */
function elsewhere({ doc }: SyncPeer): string[] {
	return [...labelsIn(doc).keys()].filter((label) => /^(ada|linus)-/.test(label)).sort();
}

function reads({ doc }: SyncPeer, text: string): boolean {
	return impactOf(doc).toJSON().includes(text);
}

function typistOf(room: TestRoom, name: string) {
	const typist = room.typists.find((one) => one.name === name);
	if (!typist) throw new Error(`${name} is not here.`);
	return typist;
}

function peerOf(room: TestRoom, name: string): SyncPeer {
	return typistOf(room, name).peer;
}

function wireOf() {
	const { postgres } = cluster;
	if (!postgres) throw new Error('This cluster has no wire.');
	return postgres;
}

async function unsavedFiles(muster: Muster): Promise<string[]> {
	return readdir(path.join(muster.dataDir, 'unsaved')).catch(() => []);
}
