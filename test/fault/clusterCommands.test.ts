import * as encoding from 'lib0/encoding';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { createDocument, impactOf, recordOf } from '#core/incident/document.ts';
import { severities } from '#core/incident/lifecycle.ts';
import { readFacts, type Fact } from '#core/incident/record.ts';
import { expectWhole } from '../support/claims.ts';
import type { SyncPeer } from '../support/client.ts';
import { TestCluster } from '../support/cluster.ts';
import { factsByTurn } from '../support/history.ts';
import { isLarge } from '../support/large.ts';
import { callApi, type Answer, type TestPerson } from '../support/people.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { until } from '../support/until.ts';

// Ada, grace and linus have a node each, and do the same thing there at the same instant, many times.

const times = isLarge ? 1_000 : 30;

let cluster: TestCluster;
let room: TestRoom;
beforeAll(async () => void (cluster = await TestCluster.start()));
afterAll(() => cluster[Symbol.asyncDispose]());
beforeEach(async (context) => {
	const random = seeded(newSeed(context.task.name));
	const syncUrlOf = (name: string) => cluster.nodeOf(name).syncUrl;
	room = await openRoom(cluster.nodes[0], random, { syncUrlOf });
	await until('everybody is known by name everywhere', allKnown);
	return () => room[Symbol.dispose]();
});

it('of two commands on two nodes at the same instant one wins, the other is told by whom, and everybody has the facts in the order of their commits', async () => {
	const rewritten = watchRecords();
	const won: string[] = [];
	const wins = { ada: 0, grace: 0 };
	let before: string | null = null;
	for (let i = 0; i < times; i++) {
		const [one, other] = otherSeverities(before);
		const [ada, grace] = await raceOf({ one, other, expects: before }, `checkout is down, ${i}`);
		const winner = ada.status === 200 ? 'ada' : 'grace';
		const [first, second] = winner === 'ada' ? [ada, grace] : [grace, ada];
		before = (winner === 'ada' ? one : other) ?? null;
		expect(first).toMatchObject({ status: 200, body: { facts: [{ severity: before }] } });
		const told = { code: 'conflict', field: 'expects', message: expect.any(String) as string };
		expect(second).toMatchObject({ status: 409, body: { error: told } });
		expect(messageOf(second)).toMatch(
			new RegExp(`^${winner} set ${before ?? ''} .* before you\\.$`),
		);
		won.push(before ?? '');
		wins[winner] += 1;
	}
	console.log(`${times} times: ada was faster ${wins.ada}, grace ${wins.grace} times`);

	await expectWhole(room, cluster);
	const committed = (await factsByTurn(cluster.db.sql, room.incident)).flat();
	expect(severitiesIn(committed)).toEqual(won);
	expect(committed.filter(({ kind }) => kind === 'renamed')).toHaveLength(times);
	expect(committed.map(({ recordedAt }) => recordedAt)).toEqual(
		committed.map(({ recordedAt }) => recordedAt).sort((a, b) => a - b),
	);
	for (const { peer } of room.typists) expect(idsIn(readFacts(peer.doc))).toEqual(idsIn(committed));
	expect(rewritten).toEqual([]);
});

it('of two persons’ first use of one client id at the same instant on two nodes one is taken, the other is sent away as not fitting', async () => {
	const [, grace, linus] = room.people as [TestPerson, TestPerson, TestPerson];
	const wins = { linus: 0, grace: 0 };
	const kept: string[] = [];
	for (let i = 0; i < times; i++) {
		using his = cloned(linus, 10_000 + i);
		using hers = cloned(grace, 10_000 + i);
		await Promise.all([his.connect(), hers.connect()]);
		// As every client with carets does.
		if (i % 2 === 0) [his, hers].forEach(showCaret);
		his.edit('his', (doc) => impactOf(doc).insert(0, `<his ${i}>`));
		hers.edit('hers', (doc) => impactOf(doc).insert(0, `<hers ${i}>`));
		await until('one is sent away', () => his.closed !== null || hers.closed !== null);
		const [winner, loser] = hers.closed ? [his, hers] : [hers, his];
		await winner.saved();
		expect(winner.closed).toBe(null);
		expect(loser.closed).toEqual({ code: 4409, reason: expect.stringMatching(/\w+\.$/) as string });
		expect(loser.acked.size).toBe(0);
		kept.push(winner === his ? `<his ${i}>` : `<hers ${i}>`);
		wins[winner === his ? 'linus' : 'grace'] += 1;
	}
	console.log(`${times} times: linus was faster ${wins.linus}, grace ${wins.grace} times`);

	const reading = await expectWhole(room, cluster);
	expect(reading.impact.match(/<[^>]+>/g)?.toSorted()).toEqual(kept.toSorted());
	expect(room.typists.filter(({ peer }) => peer.closed !== null)).toEqual([]);
});

/** A further connection on somebody’s own node, under a client id that somebody else thinks is theirs. */
function cloned(person: TestPerson, client: number): SyncPeer {
	const doc = createDocument('editing');
	doc.clientID = client;
	return room.peerOf(person, { doc, syncUrl: cluster.nodeOf(person.name).syncUrl });
}

function showCaret(peer: SyncPeer): void {
	const awareness = new Awareness(peer.doc);
	awareness.setLocalState({ user: {} });
	const caret = encodeAwarenessUpdate(awareness, [peer.doc.clientID]);
	awareness.destroy();
	peer.send(
		encoding.encode((encoder) => {
			encoding.writeVarUint(encoder, 1);
			encoding.writeVarUint8Array(encoder, caret);
		}),
	);
}

/** A name that is new on one node is known to the others with their next poll. */
async function allKnown(): Promise<boolean> {
	const names = await Promise.all(
		cluster.nodes.map(async (node) => JSON.stringify((await callApi(node, 'GET /people')).body)),
	);
	return names.every((text) => room.people.every(({ id }) => text.includes(id)));
}

/** Sends a command to somebody's own node. */
function command(name: string, body: object): Promise<Answer> {
	const { token } = room.people.find((person) => person.name === name) as TestPerson;
	return callApi(cluster.nodeOf(name), `POST /incidents/${room.incident}/commands`, {
		body,
		token,
	});
}

function messageOf({ body }: Answer): string {
	return (body as { error: { message: string } }).error.message;
}

/** Who was shown, while it went on, a record that does not go on from what they were shown before. */
function watchRecords(): string[] {
	const rewritten: string[] = [];
	for (const { name, peer } of room.typists) {
		const record: Y.Array<unknown> = recordOf(peer.doc);
		record.observe(({ changes, transaction }) => {
			const added = changes.delta.reduce((sum, { insert }) => sum + (insert?.length ?? 0), 0);
			const { retain = 0 } = changes.delta[0] ?? {};
			const isAppended = changes.deleted.size === 0 && retain + added === record.length;
			if (!isAppended) rewritten.push(`${name} at ${transaction.afterState.size}`);
		});
	}
	return rewritten;
}

function severitiesIn(facts: readonly Fact[]): unknown[] {
	return facts.flatMap((fact) => (fact.kind === 'severity' ? [fact.severity] : []));
}

function idsIn(facts: readonly Fact[]): string[] {
	return facts.map(({ id }) => id);
}

function otherSeverities(than: string | null): readonly string[] {
	return severities.filter((severity) => severity !== than);
}

/** ada and grace set the severity at the same instant, while linus renames the incident. */
function raceOf(
	to: { one: string | undefined; other: string | undefined; expects: string | null },
	title: string,
): Promise<[Answer, Answer, Answer]> {
	const set = { type: 'setSeverity', expects: to.expects };
	return Promise.all([
		command('ada', { ...set, severity: to.one }),
		command('grace', { ...set, severity: to.other }),
		command('linus', { type: 'rename', title }),
	]);
}
