import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf } from '#core/incident/document.ts';
import { readFacts } from '#core/incident/record.ts';
import { expectWhole } from '../support/claims.ts';
import type { SyncPeer } from '../support/client.ts';
import { TwoNodes } from '../support/nodes.ts';
import { callApi } from '../support/people.ts';
import { seeded } from '../support/random.ts';
import { openRoom, readingOf, type TestRoom } from '../support/room.ts';
import { stockProvider } from '../support/stock.ts';
import { until } from '../support/until.ts';

// Two nodes are two processes on one database. Ada and linus are on the near one, grace on the far one.

let nodes: TwoNodes;
let room: TestRoom;
beforeAll(async () => void (nodes = await TwoNodes.start()));
afterAll(() => nodes[Symbol.asyncDispose]());
beforeEach(async () => {
	const syncUrlOf = (name: string) => (name === 'grace' ? nodes.far.syncUrl : undefined);
	room = await openRoom(nodes.near, seeded(1), { syncUrlOf });
	return () => room[Symbol.dispose]();
});

it('what one node writes is seen on the other within the poll, without any further edit', async () => {
	const [ada, grace] = [peer('ada'), peer('grace')];
	ada.edit('a', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
	await ada.saved();
	const savedAt = performance.now();
	await until('grace sees it', () => impactOf(grace.doc).toJSON() === 'checkouts fail', 4_000);
	const seenAfterMs = Math.round(performance.now() - savedAt);
	console.log(`another node’s edit is seen after ${seenAfterMs} ms`);
	expect(seenAfterMs).toBeLessThan(2_500);
	await expectWhole(room, nodes);
});

it('stock clients on two nodes that write at the same time read the same', async () => {
	const docs = [createDocument('editing'), createDocument('editing')] as const;
	const options = { incident: room.incident, token: tokenOf('linus') };
	const near = stockProvider({ ...options, syncUrl: nodes.near.syncUrl, doc: docs[0] });
	const far = stockProvider({ ...options, syncUrl: nodes.far.syncUrl, doc: docs[1] });
	try {
		await until('both are there', () => near.synced && far.synced);
		for (let i = 0; i < 20; i++) {
			for (const doc of docs) impactOf(doc).insert(0, `<${i}>`);
			room.typists.forEach((typist) => typist.type());
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		await Promise.all(room.typists.map((typist) => typist.peer.saved()));
		await room.agree(...docs);
		expect(impactOf(docs[0]).toJSON().split('<7>')).toHaveLength(3);
	} finally {
		near.destroy();
		far.destroy();
	}
	await expectWhole(room, nodes);
});

it('a deciding turn that hangs in COMMIT while somebody joins, and then rolls back, is seen by nobody and decided anew', async () => {
	const { sql } = nodes;
	await sql.unsafe(`
		create table if not exists hang_now (what int);
		create or replace function hang() returns trigger language plpgsql as $$ begin
			if not exists (select from hang_now) then return null; end if;
			perform pg_advisory_xact_lock_shared(7);
			raise exception 'rolled back by a test';
		end $$;
		create constraint trigger hang after insert on journal
			deferrable initially deferred for each row execute function hang()`);
	const release = await holdAdvisory();
	try {
		await sql`insert into hang_now values (1)`;
		const asked = command({ type: 'setSeverity', severity: 'SEV1' });
		await nodes.waiting(1);
		await sql`delete from hang_now`;
		const ada = peer('ada');
		ada.edit('meanwhile', (doc) => impactOf(doc).insert(0, 'meanwhile '));
		using joiner = await room.newReader();
		await until('the joiner sees her', () => impactOf(joiner.doc).toJSON() === 'meanwhile ');
		expect(readingOf(joiner.doc).severity).toBe(null);
		expect(ada.acked.has('meanwhile')).toBe(false);
		await release();
		expect((await asked).status).toBe(200);
		await ada.saved();
		const reading = await room.agree(joiner.doc);
		expect(reading.severity).toBe('SEV1');
		expect(factsOf('severity', joiner.doc)).toHaveLength(1);
		await expectWhole(room, nodes);
	} finally {
		await release();
		await sql`drop trigger hang on journal`;
	}
});

it('of two persons’ first use of one client id on two nodes one is taken and the other sent away', async () => {
	const docs = [createDocument('editing'), createDocument('editing')] as const;
	for (const doc of docs) doc.clientID = 4_242;
	const linus = room.peerOf({ token: tokenOf('linus') }, { doc: docs[0] });
	const grace = room.peerOf({ token: tokenOf('grace') }, { doc: docs[1], ...onFar() });
	await Promise.all([linus.connect(), grace.connect()]);
	const unlock = await nodes.lock(room.incident);
	linus.edit('his', (doc) => impactOf(doc).insert(0, 'his '));
	grace.edit('hers', (doc) => impactOf(doc).insert(0, 'hers '));
	await nodes.waiting(2);
	await unlock();
	await until('one is sent away', () => linus.closed !== null || grace.closed !== null);
	const [winner, loser] = grace.closed ? [linus, grace] : [grace, linus];
	await winner.saved();
	expect(loser.closed?.code).toBeOneOf([4400, 4409]);
	expect(loser.acked.size).toBe(0);
	const text = winner === linus ? 'his ' : 'hers ';
	await until('everybody reads it', () =>
		room.typists.every(({ peer: { doc } }) => impactOf(doc).toJSON() === text),
	);
	linus[Symbol.dispose]();
	grace[Symbol.dispose]();
	await expectWhole(room, nodes);
});

it('of different bytes for one clock of a client on two nodes the later are refused, and all read the same', async () => {
	const first = room.peerOf({ token: tokenOf('linus') });
	await first.connect();
	first.edit('start', (doc) => impactOf(doc).insert(0, 'start'));
	await first.saved();
	await nodes.polled();
	const doc = createDocument('editing');
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(first.doc));
	doc.clientID = first.doc.clientID;
	const second = room.peerOf({ token: tokenOf('linus') }, { doc, ...onFar() });
	await second.connect();
	expect(second.doc.clientID).toBe(first.doc.clientID);

	const unlock = await nodes.lock(room.incident);
	first.edit('one', (copy) => impactOf(copy).insert(5, ' here'));
	second.edit('other', (copy) => impactOf(copy).insert(5, ' and there'));
	await nodes.waiting(2);
	await unlock();
	await until('one is sent away', () => first.closed !== null || second.closed !== null);
	const [winner, loser] = second.closed ? [first, second] : [second, first];
	expect(loser.closed?.code).toBe(4409);
	expect(loser.acked.has('one') || loser.acked.has('other')).toBe(false);
	await winner.saved();
	winner.edit('more', (copy) => impactOf(copy).insert(0, '> '));
	await winner.saved();
	const text = winner === first ? '> start here' : '> start and there';
	await until('everybody is back and reads it', async () => {
		for (const typist of room.typists) if (typist.peer.closed) await typist.peer.connect();
		return room.typists.every((typist) => impactOf(typist.peer.doc).toJSON() === text);
	});
	first[Symbol.dispose]();
	second[Symbol.dispose]();
	await expectWhole(room, nodes);
});

it('different bytes for one clock on one node are refused too', async () => {
	const first = room.peerOf({ token: tokenOf('linus') });
	await first.connect();
	const doc = createDocument('editing');
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(first.doc));
	doc.clientID = first.doc.clientID;
	const second = room.peerOf({ token: tokenOf('linus') }, { doc });
	await second.connect();
	first.edit('one', (copy) => impactOf(copy).insert(0, 'here'));
	second.edit('other', (copy) => impactOf(copy).insert(0, 'there'));
	await until('one is sent away', () => first.closed !== null || second.closed !== null);
	const loser = second.closed ? second : first;
	expect(loser.closed?.code).toBe(4409);
	expect(loser.acked.size).toBe(0);
	first[Symbol.dispose]();
	second[Symbol.dispose]();
	await expectWhole(room, nodes);
});

it('a delete-only update beyond the known clock is taken at once if another node has what it deletes', async () => {
	const [ada, grace] = [peer('ada'), peer('grace')];
	ada.edit('before', (doc) => impactOf(doc).insert(0, '.'));
	await ada.saved();
	await until('grace sees it', () => impactOf(grace.doc).toJSON() === '.');
	ada.edit('a', (doc) => impactOf(doc).insert(0, 'gone kept'));
	await ada.saved();
	Y.applyUpdate(grace.doc, Y.encodeStateAsUpdate(ada.doc), 'server');
	grace.edit('delete', (doc) => impactOf(doc).delete(0, 5));
	await grace.saved(1_000);
	await until('ada sees it', () => impactOf(ada.doc).toJSON() === 'kept.');
	await expectWhole(room, nodes);
});

it('a delete-only update of what no node has is not acknowledged before its text is there', async () => {
	const [ada, grace] = [peer('ada'), peer('grace')];
	ada.edit('before', (doc) => impactOf(doc).insert(0, '.'));
	await ada.saved();
	await until('grace sees it', () => impactOf(grace.doc).toJSON() === '.');
	await ada.cut();
	ada.edit('a', (doc) => impactOf(doc).insert(0, 'gone kept'));
	Y.applyUpdate(grace.doc, Y.encodeStateAsUpdate(ada.doc), 'server');
	grace.edit('delete', (doc) => impactOf(doc).delete(0, 5));
	await nodes.polled();
	expect(grace.closed).toBe(null);
	expect(grace.acked.has('delete')).toBe(false);
	await ada.connect();
	await ada.saved();
	await grace.saved();
	await until('ada sees it', () => impactOf(ada.doc).toJSON() === 'kept.');
	await expectWhole(room, nodes);
});

it('whoever loses the rights on one node is sent away from the other', async () => {
	const admin = { Authorization: `Bearer ${nodes.near.adminToken}` };
	const grace = room.people[1];
	const answer = await fetch(`${nodes.near.url}/api/v1/tokens/${grace?.id ?? ''}`, {
		method: 'DELETE',
		headers: admin,
	});
	expect(answer.status).toBe(204);
	const revokedAt = performance.now();
	await peer('grace').ended();
	expect(performance.now() - revokedAt).toBeLessThan(2_500);
});

function peer(name: string): SyncPeer {
	const typist = room.typists.find((one) => one.name === name);
	if (!typist) throw new Error(`${name} is not here.`);
	return typist.peer;
}

function tokenOf(name: string): string {
	return room.people.find((person) => person.name === name)?.token ?? '';
}

function onFar(): { syncUrl: string } {
	return { syncUrl: nodes.far.syncUrl };
}

function command(body: object) {
	return callApi(nodes.near, `POST /incidents/${room.incident}/commands`, { body });
}

function factsOf(kind: string, doc: Y.Doc) {
	return readFacts(doc).filter((fact) => fact.kind === kind);
}

/** Holds what a commit waits for. */
async function holdAdvisory(): Promise<() => Promise<void>> {
	const { promise, resolve } = Promise.withResolvers<void>();
	const held = Promise.withResolvers<void>();
	const holding = nodes.sql.begin(async (tx) => {
		await tx`select pg_advisory_xact_lock(7)`;
		held.resolve();
		await promise;
	});
	await held.promise;
	return async () => {
		resolve();
		await holding;
	};
}
