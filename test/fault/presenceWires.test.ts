import { expect, it } from 'vitest';
import { testDatabaseUrl } from '../support/database.ts';
import { residentBytes } from '../support/process.ts';
import { frameOf, RawUpgrade } from '../support/rawUpgrade.ts';
import { startMuster } from '../support/server.ts';

// Anybody may open a connection to presence; who they are is asked afterwards.

const mib = 2 ** 20;
const path = '/socket.io/?EIO=4&transport=websocket';

it('a flood of pings at presence whose answers nobody reads costs no memory', async () => {
	await using muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	using wire = await RawUpgrade.open(muster, path, 'a token that nobody has');
	wire.socket.pause();
	const before = await residentBytes(muster);
	const ping = frameOf({ opcode: 9, payload: new Uint8Array(125) });
	const pings = Buffer.concat(Array.from({ length: 500 }, () => ping));
	let most = 0;
	const ended = wire.ended(30_000);
	while (!wire.hasEnded) {
		const isTaken = new Promise((resolve) => wire.socket.once('drain', resolve));
		if (!wire.socket.write(pings)) await Promise.race([isTaken, ended]);
		most = Math.max(most, (await residentBytes(muster)) - before);
	}
	expect(most / mib).toBeLessThan(64);
}, 60_000);

it('a message in sixty thousand pieces ends its connection at presence', async () => {
	await using muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	using wire = await RawUpgrade.open(muster, path, 'a token that nobody has');
	const piece = { opcode: 0, isFinal: false, payload: 'a' };
	wire.send({ ...piece, opcode: 2 }, ...Array.from({ length: 60_000 }, () => piece));
	await wire.ended(5_000);
	expect(wire.code).toBe(1008);
}, 60_000);
