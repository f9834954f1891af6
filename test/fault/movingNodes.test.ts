import { randomFillSync } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type * as Y from 'yjs';
import { ulidSource, type EntryId } from '#core/ids.ts';
import { impactOf, theoryOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { expectWhole } from '../support/claims.ts';
import type { SyncPeer } from '../support/client.ts';
import { TwoNodes } from '../support/nodes.ts';
import { callApi } from '../support/people.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, readingOf, type TestRoom } from '../support/room.ts';
import type { Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

// Two nodes on one database, of which the near one loses its store, its life or its breath.

const nextUlid = ulidSource(Date.now, (bytes) => randomFillSync(bytes));

it('a retry after an unclear commit is the same turn', async () => {
	await using nodes = await TwoNodes.startWithWire();
	using room = await openRoom(nodes.near, seeded(1));
	const { wire, statements } = wireOf(nodes);
	const ada = peerOf(room, 'ada');
	ada.edit('first', (doc) => typed(doc, 'before '));
	await ada.saved();
	for (const kind of ['plain', 'deciding'] as const) {
		const isWriting = ({ text }: { text: string }) => text.includes('into journal');
		const silent = statements.silenceAt('done', (statement) =>
			kind === 'plain'
				? isWriting(statement)
				: statement.text === 'commit' && statement.before.some(isWriting),
		);
		ada.edit(kind, kind === 'plain' ? (doc) => typed(doc, 'a plain one ') : logged('an entry'));
		await silent;
		wire.reset();
		statements.goOn();
		await ada.saved();
	}
	await expectWhole(room, nodes);
});

it('a retry that waits on the same lock as what it repeats is the same turn', async () => {
	await using nodes = await TwoNodes.startWithWire();
	using room = await openRoom(nodes.near, seeded(1));
	const { wire } = wireOf(nodes);
	const ada = peerOf(room, 'ada');
	ada.edit('first', (doc) => typed(doc, 'before '));
	await ada.saved();
	for (const kind of ['plain', 'deciding'] as const) {
		const unlock = await nodes.lock(room.incident);
		ada.edit(kind, kind === 'plain' ? (doc) => typed(doc, 'a plain one ') : logged('an entry'));
		await nodes.waiting(1);
		wire.reset(); // what waits there goes on waiting, and nobody hears of it
		await nodes.waiting(2);
		await unlock();
		await ada.saved();
	}
	await expectWhole(room, nodes);
});

it('people of a node that dies in an outage go on at another one: nothing is missing, nobody is refused', async () => {
	await using nodes = await TwoNodes.startWithWire();
	using room = await openRoom(nodes.near, seeded(newSeed('moving')));
	room.type(20);
	await until('everybody has typed', () => room.typists.every(({ peer }) => peer.acked.size > 5));
	wireOf(nodes).wire.cut();
	await until('much is unsaved', () => room.seen().length > 60);
	expect(await unsavedFiles(nodes.near)).toHaveLength(1);
	await nodes.near.kill();
	await room.scattered();
	const moved = room.typists.map(({ name }) => moveTo(nodes.far, room, name));
	// One after the other: each brings also what the others wrote, and still have to come.
	for (const peer of moved) await peer.connect();
	for (const typist of room.typists) typist.type('notes');
	await Promise.all(moved.map((peer) => peer.saved()));
	expect(moved.filter(({ closed }) => closed)).toEqual([]);

	wireOf(nodes).wire.open();
	await nodes.near.restart();
	await until('no file is left', async () => (await unsavedFiles(nodes.near)).length === 0);
	for (const typist of room.typists) typist.type('notes');
	await Promise.all(moved.map((peer) => peer.saved()));
	await nodes.polled();
	const reading = await expectWhole(room, nodes);
	expect(reading.timeline.filter(({ kind }) => kind === 'setAside')).toEqual([]);
	for (const peer of moved) peer[Symbol.dispose]();
});

it('a node that freezes with the lock in its hand holds up the others for two seconds at most', async () => {
	await using nodes = await TwoNodes.startWithWire();
	const syncUrlOf = (name: string) => (name === 'grace' ? nodes.far.syncUrl : undefined);
	using room = await openRoom(nodes.near, seeded(1), { syncUrlOf });
	const { wire, statements } = wireOf(nodes);
	const grace = peerOf(room, 'grace');
	grace.edit('first', (doc) => typed(doc, 'before '));
	await grace.saved();
	const silent = statements.silenceAt('done', ({ text }) => text.includes('for update'));
	const asked = command(nodes.near, room, { type: 'setSeverity', severity: 'SEV2' });
	await silent;
	process.kill(nodes.near.pid, 'SIGSTOP');
	try {
		const began = performance.now();
		grace.edit('meanwhile', (doc) => typed(doc, 'meanwhile '));
		await grace.saved(2_000);
		console.log(`acknowledged ${Math.round(performance.now() - began)} ms after the freeze`);
	} finally {
		wire.reset(); // what it said and heard meanwhile is lost
		statements.goOn();
		process.kill(nodes.near.pid, 'SIGCONT');
	}
	expect([200, 503, 504]).toContain((await asked).status);
	await expectBack(room);
	await expectWhole(room, nodes);
});

it('an entry that was made anew stays, and the late one is set aside where everybody reads it', async () => {
	await using nodes = await TwoNodes.startWithWire();
	using room = await openRoom(nodes.near, seeded(1));
	const [ada, grace] = [peerOf(room, 'ada'), peerOf(room, 'grace')];
	for (const peer of [ada, grace]) peer.edit('first', (doc) => typed(doc, 'before '));
	await Promise.all([ada.saved(), grace.saved()]);
	await peerOf(room, 'linus').cut();
	wireOf(nodes).wire.cut();
	const id = nextUlid() as EntryId;
	grace.edit('kept', (doc) => theoryOf(doc).insert(0, 'the cache'));
	ada.edit('late', (doc) => writeEntry(doc, id, { kind: 'note', text: 'hers', occurredAt: 1 }));
	await until('grace sees it', () =>
		readingOf(grace.doc).timeline.some(({ text }) => text === 'hers'),
	);
	await until('ada sees hers', () => theoryOf(ada.doc).toJSON() === 'the cache');
	await nodes.near.kill();
	await Promise.all([ada.ended(), grace.ended()]);

	using linus = moveTo(nodes.far, room, 'linus');
	await linus.connect();
	linus.edit('anew', (doc) => writeEntry(doc, id, { kind: 'note', text: 'his', occurredAt: 1 }));
	await linus.saved();
	wireOf(nodes).wire.open();
	await nodes.near.restart();
	using reader = await room.newReader();
	const { timeline, theory } = readingOf(reader.doc);
	expect(theory).toBe('the cache');
	expect(timeline.filter((item) => item.id === id).map(({ text }) => text)).toEqual(['his']);
	const aside = timeline.filter(({ kind }) => kind === 'setAside');
	expect(aside.map(({ by }) => by)).toEqual([room.people[0]?.id]);
	expect(aside[0]?.text).toContain('“hers”');
	expect(await unsavedFiles(nodes.near)).toEqual([expect.stringMatching(/\.aside$/)]);
	await until('linus reads it', () => readingOf(linus.doc).timeline.length === timeline.length);
	linus.edit('on', (doc) => typed(doc, 'on '));
	await linus.saved();
});

it('what was written before a node heard of the closing is journaled as late, and said to be', async () => {
	await using nodes = await TwoNodes.startWithWire();
	using room = await openRoom(nodes.near, seeded(1));
	const ada = peerOf(room, 'ada');
	ada.edit('first', (doc) => typed(doc, 'before '));
	await ada.saved();
	wireOf(nodes).wire.cut();
	ada.edit('text', (doc) => typed(doc, 'and after '));
	ada.edit('entry', logged('pool is at 60/60'));
	await until('grace sees it', () =>
		readingOf(peerOf(room, 'grace').doc).timeline.some(({ text }) => text === 'pool is at 60/60'),
	);
	for (const status of ['mitigating', 'monitoring', 'resolved']) {
		await command(nodes.far, room, { type: 'setStatus', status });
	}
	expect((await command(nodes.far, room, { type: 'close' })).status).toBe(200);
	wireOf(nodes).wire.open();
	await ada.saved();
	const reading = await room.agree();
	expect(reading.impact).toBe('and after before ');
	const entry = reading.timeline.find(({ text }) => text === 'pool is at 60/60');
	expect(entry).toMatchObject({ late: true, by: room.people[0]?.id });
	const late = reading.timeline.filter(({ kind }) => kind === 'late');
	expect(late.map(({ by }) => by)).toEqual([room.people[0]?.id]);
	expect(late[0]?.text).toMatch(/before the incident was closed/);
	ada.edit('too late', (doc) => typed(doc, 'too late '));
	expect((await ada.ended()).code).toBe(4403);
});

function wireOf({ postgres }: TwoNodes) {
	if (!postgres) throw new Error('These nodes have no wire.');
	return postgres;
}

function peerOf(room: TestRoom, name: string): SyncPeer {
	const typist = room.typists.find((one) => one.name === name);
	if (!typist) throw new Error(`${name} is not here.`);
	return typist.peer;
}

/** Somebody's copy, connected to another node. */
function moveTo(muster: Muster, room: TestRoom, name: string): SyncPeer {
	const person = room.people.find((one) => one.name === name);
	if (!person) throw new Error(`${name} is not here.`);
	return room.peerOf(person, { syncUrl: muster.syncUrl, doc: peerOf(room, name).doc });
}

function typed(doc: Y.Doc, text: string): void {
	impactOf(doc).insert(0, text);
}

function logged(text: string): (doc: Y.Doc) => void {
	const id = nextUlid() as EntryId;
	return (doc) => writeEntry(doc, id, { kind: 'note', text, occurredAt: Date.now() });
}

function command(muster: Muster, room: TestRoom, body: object) {
	return callApi(muster, `POST /incidents/${room.incident}/commands`, { body });
}

/** Whoever was sent back has come back. */
async function expectBack(room: TestRoom): Promise<void> {
	for (const { peer } of room.typists) if (!peer.isOpen) await peer.connect();
}

async function unsavedFiles(muster: Muster): Promise<string[]> {
	return readdir(path.join(muster.dataDir, 'unsaved')).catch(() => []);
}
