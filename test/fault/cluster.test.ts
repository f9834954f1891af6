import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { impactOf } from '#core/incident/document.ts';
import { expectWhole, findBroken } from '../support/claims.ts';
import type { SyncPeer } from '../support/client.ts';
import { TestCluster } from '../support/cluster.ts';
import { isLarge } from '../support/large.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { until } from '../support/until.ts';

// Three nodes are three processes on one database, with one Redis. Ada, grace and linus have one each.

const typingMs = isLarge ? 8_000 : 2_000;
/** A busy machine takes time too. */
const seenMs = isLarge ? { median: 10, most: 250 } : { median: 500, most: 2_000 };

let cluster: TestCluster;
let room: TestRoom;
beforeAll(async () => void (cluster = await TestCluster.start()));
afterAll(() => cluster[Symbol.asyncDispose]());
beforeEach(async (context) => {
	const random = seeded(newSeed(context.task.name));
	const syncUrlOf = (name: string) => cluster.nodeOf(name).syncUrl;
	room = await openRoom(cluster.nodes[0], random, { syncUrlOf });
	return () => room[Symbol.dispose]();
});

it('150 edits a second on three nodes are seen on the others soon after', async () => {
	room.type(50);
	await pause(typingMs); // all three run warm
	const waits = await watch(peers(), async () => {
		await pause(typingMs);
		room.rest();
		await room.saved();
	});
	console.log(`seen on another node: ${inWords(waits)}`);
	expect(at(waits, 0.5)).toBeLessThan(seenMs.median);
	expect(at(waits, 0.99)).toBeLessThan(seenMs.most);
	await expectWhole(room, cluster);
});

it('while Redis is away edits are seen within the poll, and at once when it is back', async () => {
	const [ada, grace] = peers();
	await cluster.redis.kill();
	const away = await seenAfter(ada, grace, 'away');
	await cluster.redis.start();
	await until('all nodes have Redis again', () => allHave('there'));
	const back = await seenAfter(ada, grace, 'back');
	console.log(`seen after ${away} ms without Redis, ${back} ms with it again`);
	expect(away).toBeLessThan(3_000);
	expect(back).toBeLessThan(1_000);
	await expectWhole(room, cluster);
});

const faults: Record<string, () => Promise<unknown>> = {
	'is killed and started again': async () => {
		await cluster.redis.kill();
		await pause(1_000);
		await cluster.redis.start();
	},
	'is emptied': () => cluster.redis.ask('FLUSHALL'),
	'loses all that listen': () => cluster.redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub'),
	'is full': async () => {
		await cluster.redis.ask('CONFIG', 'SET', 'maxmemory', '1');
		await pause(1_000);
		await cluster.redis.ask('CONFIG', 'SET', 'maxmemory', '0');
	},
	'is frozen': async () => {
		cluster.redis.freeze();
		await pause(isLarge ? 60_000 : 6_000);
		cluster.redis.thaw();
	},
};

it.each(Object.entries(faults))(
	'a Redis that %s under edits loses none, and all read the same without a further one',
	async (_, fault) => {
		room.type(20);
		await pause(300);
		await fault();
		await pause(300);
		room.rest();
		await room.saved();
		await expectWhole(room, cluster);
	},
);

it('a node that starts five seconds before its Redis joins the others', async () => {
	const [, , node] = cluster.nodes;
	await cluster.redis.kill();
	await node.restart();
	await pause(5_000);
	await cluster.redis.start();
	await until('all nodes have Redis', () => allHave('there'));
	const [ada, , linus] = peers();
	await linus.connect();
	expect(await seenAfter(ada, linus, 'joined')).toBeLessThan(1_000);
	await expectWhole(room, cluster);
});

it('a node that is killed under edits loses none; its people go on at another', async () => {
	room.type(20);
	await pause(500);
	await cluster.nodes[2].kill();
	const [, , linus] = peers();
	await until('linus is cut off', () => linus.closed !== null);
	room.rest();
	const elsewhere = room.peerOf({ token: linusToken() }, { doc: linus.doc });
	using moved = elsewhere;
	await moved.connect();
	await room.typists[0]?.peer.saved();
	await moved.saved();
	await until('all that linus wrote is everywhere', async () => {
		using reader = await room.newReader();
		return findBroken(reader.doc, room).length === 0;
	});
	await cluster.nodes[2].start();
	await linus.connect();
	await expectWhole(room, cluster);
});

function linusToken(): string {
	return room.people[2]?.token ?? '';
}

function peers(): [SyncPeer, SyncPeer, SyncPeer] {
	return room.typists.map(({ peer }) => peer) as [SyncPeer, SyncPeer, SyncPeer];
}

/** How long after its writing (ms) somebody sees what somebody else writes. */
async function seenAfter(writer: SyncPeer, reader: SyncPeer, label: string): Promise<number> {
	const from = performance.now();
	writer.edit(label, (doc) => impactOf(doc).insert(0, `<${label}>`));
	await until('it is seen', () => impactOf(reader.doc).toJSON().includes(`<${label}>`));
	return Math.round(performance.now() - from);
}

/** How long after its making (ms) each update of everybody’s comes to each other, while something runs. */
async function watch(all: readonly SyncPeer[], run: () => Promise<void>): Promise<number[]> {
	const made = new Map<string, number>();
	const waits: number[] = [];
	const ends = all.map(({ doc }) => {
		const heard = (transaction: Y.Transaction): void => {
			const now = performance.now();
			for (const [client, clock] of transaction.afterState) {
				const from = transaction.beforeState.get(client) ?? 0;
				for (let n = from; n < clock; n++) {
					const key = `${client} ${n}`;
					if (transaction.local) made.set(key, now);
					else if (made.has(key)) waits.push(now - (made.get(key) ?? now));
				}
			}
		};
		doc.on('afterTransaction', heard);
		return () => doc.off('afterTransaction', heard);
	});
	await run();
	ends.forEach((end) => end());
	return waits.sort((a, b) => a - b);
}

function at(sorted: readonly number[], share: number): number {
	return sorted[Math.floor(sorted.length * share)] ?? Infinity;
}

function inWords(sorted: readonly number[]): string {
	const parts = [0.5, 0.99, 1].map((share) => at(sorted, Math.min(share, 0.99999)).toFixed(1));
	return `p50 ${parts[0]}, p99 ${parts[1]}, most ${parts[2]} ms of ${sorted.length}`;
}

async function allHave(redis: 'there' | 'away'): Promise<boolean> {
	const states = await Promise.all(
		cluster.nodes.map(async ({ url }) => (await fetch(`${url}/readyz`)).json()),
	);
	return (states as { redis: string }[]).every((state) => state.redis === redis);
}
