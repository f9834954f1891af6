import { expect, it } from 'vitest';
import { testDatabaseUrl } from '../support/database.ts';
import { collectable, collectGarbage, metricOf } from '../support/process.ts';
import { frameOf, RawUpgrade } from '../support/rawUpgrade.ts';
import { startMuster, type Muster } from '../support/server.ts';

// Anybody may open a connection to presence; who they are is asked afterwards.

const mib = 2 ** 20;
const path = '/socket.io/?EIO=4&transport=websocket';

/** What a Muster holds on to; how much more it has of the machine depends on when it collects. */
async function heldBytes(muster: Muster): Promise<number> {
	await collectGarbage(muster);
	const heap = await metricOf(muster, 'nodejs_heap_size_used_bytes');
	return heap + (await metricOf(muster, 'nodejs_external_memory_bytes'));
}

it('a flood of pings at presence whose answers nobody reads costs no memory', async () => {
	const databaseUrl = await testDatabaseUrl();
	await using muster = await startMuster({ databaseUrl, env: collectable });
	using wire = await RawUpgrade.open(muster, path, 'a token that nobody has');
	wire.socket.pause();
	const before = await heldBytes(muster);
	const ping = frameOf({ opcode: 9, payload: new Uint8Array(125) });
	const pings = Buffer.concat(Array.from({ length: 500 }, () => ping));
	let most = 0;
	const ended = wire.ended(30_000);
	for (let flood = 0; !wire.hasEnded; flood++) {
		const isTaken = new Promise((resolve) => wire.socket.once('drain', resolve));
		if (!wire.socket.write(pings)) await Promise.race([isTaken, ended]);
		if (flood % 50 === 49) most = Math.max(most, (await heldBytes(muster)) - before);
	}
	expect(most / mib).toBeLessThan(16);
}, 60_000);

it('a message in sixty thousand pieces ends its connection at presence', async () => {
	await using muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	using wire = await RawUpgrade.open(muster, path, 'a token that nobody has');
	const piece = { opcode: 0, isFinal: false, payload: 'a' };
	wire.send({ ...piece, opcode: 2 }, ...Array.from({ length: 60_000 }, () => piece));
	await wire.ended(5_000);
	expect(wire.code).toBe(1008);
}, 60_000);
