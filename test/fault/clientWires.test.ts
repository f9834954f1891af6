import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectWhole } from '../support/claims.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { isLarge } from '../support/large.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import type { Typist } from '../support/typist.ts';
import { until } from '../support/until.ts';

// Ada is behind a wire that fails; grace and linus notice nothing of it, and nothing of hers is lost.

const editsPerSecond = 20;
const breaks = isLarge ? 200 : 12;

let url: string;
let muster: Muster;
beforeAll(async () => {
	url = await testDatabaseUrl();
	muster = await startMuster({ databaseUrl: url });
});
afterAll(() => muster[Symbol.asyncDispose]());

/** How a wire fails; whether it is healed by itself, or only by a new connection. */
const failures: Record<string, { begin: (wire: Proxy) => void; needsNew: boolean }> = {
	'is slow': { begin: (wire) => (wire.delayMs = 200), needsNew: false },
	'is a black hole for a while': { begin: (wire) => wire.freeze(), needsNew: false },
	'is a black hole for good': { begin: (wire) => wire.freeze(), needsNew: true },
	'is cut': { begin: (wire) => wire.cut(), needsNew: true },
	'is reset': { begin: (wire) => wire.reset(), needsNew: true },
	'is half closed by her': { begin: (wire) => wire.halfClose('toServer'), needsNew: true },
	'is half closed by Muster': { begin: (wire) => wire.halfClose('toClient'), needsNew: true },
	'is forgotten by Muster': { begin: (wire) => wire.halfOpen(), needsNew: true },
};

it.each(Object.entries(failures))(
	'nothing is lost and nobody else is disturbed when a client’s wire %s',
	async (name, { begin, needsNew }) => {
		await using wire = await wireToMuster();
		using room = await roomBehind(wire, `wire ${name}`);
		room.type(editsPerSecond);
		await until('everybody has typed', () => room.typists.every(({ peer }) => peer.acked.size > 5));
		begin(wire);
		await expectOthersSaved(room);

		room.rest();
		wire.delayMs = 0;
		wire.open();
		if (needsNew) await reconnect(room);
		await room.saved();
		await expectWhole(room, { url });
	},
);

it(`nothing is lost or torn when a client’s wire breaks ${breaks} times in the middle of a message`, async () => {
	await using wire = await wireToMuster();
	using room = await roomBehind(wire, 'wires that break');
	const { peer } = adaOf(room);
	for (let i = 0; i < breaks; i++) {
		const direction = room.random() < 0.5 ? 'toServer' : 'toClient';
		wire.breakAfter(Math.floor(room.random() * 400), direction);
		while (peer.closed === null) {
			for (const typist of room.typists) typist.type();
			const label = adaOf(room).type('impact');
			await until('she is saved, or cut off', () => peer.closed !== null || peer.acked.has(label));
		}
		await peer.connect().catch(() => undefined /* it may break at once again */);
	}
	wire.breakAfter(Infinity, 'toServer');
	wire.breakAfter(Infinity, 'toClient');
	await reconnect(room);
	await room.saved();
	await expectWhole(room, { url });
});

function wireToMuster(): Promise<Proxy> {
	return startProxy({ host: '127.0.0.1', port: Number(new URL(muster.url).port) });
}

function roomBehind(wire: Proxy, what: string): Promise<TestRoom> {
	const syncUrl = `ws://127.0.0.1:${wire.port}/sync`;
	return openRoom(muster, seeded(newSeed(what)), {
		syncUrlOf: (name) => (name === 'ada' ? syncUrl : undefined),
	});
}

function adaOf({ typists }: TestRoom): Typist {
	const [ada] = typists;
	if (!ada) throw new Error('Ada is not here.');
	return ada;
}

async function reconnect(room: TestRoom): Promise<void> {
	const { peer } = adaOf(room);
	await peer.cut();
	await peer.connect();
}

/** What grace and linus type now is saved, and they see it of each other; they stay connected. */
async function expectOthersSaved({ typists }: TestRoom): Promise<void> {
	const others = typists.slice(1);
	const labels = others.map((typist) => typist.type('impact'));
	await until('the others are saved', () =>
		others.every(({ peer }, i) => peer.acked.has(labels[i] ?? '')),
	);
	expect(others.filter(({ peer }) => peer.closed)).toEqual([]);
}
