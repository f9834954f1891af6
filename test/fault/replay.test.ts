import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { createDocument } from '#core/incident/document.ts';
import { expectWhole } from '../support/claims.ts';
import type { SyncPeer } from '../support/client.ts';
import { TwoNodes } from '../support/nodes.ts';
import { callApi } from '../support/people.ts';
import { metricOf } from '../support/process.ts';
import { newSeed, oneOf, seeded } from '../support/random.ts';
import { downloadReplay } from '../support/replayed.ts';
import { openRoom, readingOf, type TestRoom } from '../support/room.ts';
import type { Muster } from '../support/server.ts';
import type { Typist } from '../support/typist.ts';
import { until } from '../support/until.ts';

// Ada and linus are on the near node, whose wire to the store a test breaks; grace is on the far one.

let nodes: TwoNodes;
let room: TestRoom;
const random = seeded(newSeed('replay under faults'));
beforeAll(async () => void (nodes = await TwoNodes.startWithWire()));
afterAll(() => nodes[Symbol.asyncDispose]());
beforeEach(async () => {
	const syncUrlOf = (name: string) => (name === 'grace' ? nodes.far.syncUrl : undefined);
	room = await openRoom(nodes.near, random, { syncUrlOf });
	return () => room[Symbol.dispose]();
});

/** Somebody on a node who only reads, and changes nothing on their own, not even what Yjs would tidy up. */
async function watchOn({ syncUrl, adminToken: token }: Muster): Promise<SyncPeer> {
	const watcher = room.peerOf({ token }, { syncUrl, doc: createDocument('follower') });
	await watcher.connect();
	return watcher;
}

async function lastTurn(): Promise<number> {
	const [row] = await nodes.sql<[{ turn: number }]>`
		select turn from documents where id = ${room.incident}`;
	return row.turn;
}

it('through two nodes, an offline stretch and an outage, the replay reads at each turn what a live client read then', async () => {
	using near = await watchOn(nodes.near);
	using far = await watchOn(nodes.far);
	const live = new Map<number, string>();
	let lastNoted = 1;

	/** Once all is saved: what is read on the node of whoever edited last. */
	async function note({ name, peer }: Typist): Promise<void> {
		const { doc } = name === 'grace' ? far : near;
		await peer.saved(30_000);
		await until('whoever watches reads it', () => readAs(doc) === readAs(peer.doc));
		// Where an edit changed nothing there is no turn, and the other node's may not be known here yet.
		const turn = await lastTurn();
		if (turn > lastNoted) live.set(turn, readAs(doc));
		lastNoted = turn;
	}

	async function editAlone(times: number): Promise<void> {
		for (let i = 0; i < times; i++) {
			const typist = oneOf(room.typists as [Typist], random);
			typist.type();
			await note(typist);
		}
	}

	await editAlone(95);
	const [ada] = room.typists as [Typist];
	await ada.peer.cut();
	for (let i = 0; i < 40; i++) ada.type();
	await ada.peer.connect();
	await note(ada);
	await editAlone(50);
	nodes.postgres?.wire.cut();
	for (const typist of room.typists) for (let i = 0; i < 20; i++) typist.type();
	const isUnsaved = async () => (await metricOf(nodes.near, 'muster_unsaved_rooms')) > 0;
	await until('the room is not saved', isUnsaved);
	nodes.postgres?.wire.open();
	await room.saved(30_000);
	await room.agree(near.doc, far.doc);
	await note(ada);
	await editAlone(95);

	const { adminToken: token, url } = nodes.far;
	const { replay } = await downloadReplay(url, room.incident, { token });
	expect(live.size).toBeGreaterThanOrEqual(200);
	for (const [turn, reading] of live) expect(readAs(replay.documentAt(turn))).toBe(reading);
	for (const turn of live.keys()) {
		const asked = await callApi(nodes.near, `GET /incidents/${room.incident}/at?turn=${turn}`);
		const mine = readingOf(replay.documentAt(turn));
		const theirs = asked.body as Pick<typeof mine, 'impact' | 'theory' | 'notes' | 'timeline'>;
		expect([theirs.impact, theirs.theory, theirs.notes]).toEqual([
			mine.impact,
			mine.theory,
			mine.notes,
		]);
		expect(theirs.timeline.map(({ id }) => id)).toEqual(mine.timeline.map(({ id }) => id));
	}
	await expectWhole(room, nodes);
}, 240_000);

function readAs(doc: Y.Doc): string {
	return JSON.stringify(readingOf(doc));
}
