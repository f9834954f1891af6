import * as Y from 'yjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { syncFrame, type Address } from '../support/client.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { isLarge } from '../support/large.ts';
import { newSeed, seeded } from '../support/random.ts';
import { RawSocket } from '../support/rawSocket.ts';
import { historyOf, openRoom, readingOf, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { Typist } from '../support/typist.ts';

const mib = 2 ** 20;
const hostileFrames = isLarge ? 20_000 : 1_000;

let url: string;
let muster: Muster;
beforeAll(async () => {
	url = await testDatabaseUrl();
	muster = await startMuster({ databaseUrl: url });
});
afterAll(() => muster[Symbol.asyncDispose]());

const malformed: Record<string, { frame: () => Uint8Array | string; code: number }> = {
	'a text': { frame: () => 'hello', code: 4400 },
	nothing: { frame: () => new Uint8Array(), code: 4400 },
	'a kind without a body': { frame: () => Uint8Array.of(0), code: 4400 },
	'an unknown kind of sync message': { frame: () => Uint8Array.of(0, 3, 0), code: 4400 },
	'an update that ends too early': { frame: () => Uint8Array.of(0, 2, 9, 1, 1), code: 4400 },
	'an update of nothing at all': { frame: () => Uint8Array.of(0, 2, 0), code: 4400 },
	'a length beyond all numbers': {
		frame: () => Uint8Array.of(0, 2, ...Array<number>(9).fill(255), 1),
		code: 4400,
	},
	'garbage after a valid message': {
		frame: () => Uint8Array.of(...syncFrame('update', anUpdate()), 7),
		code: 4400,
	},
	'garbage after a valid update': {
		frame: () => syncFrame('update', Uint8Array.of(...anUpdate(), 7)),
		code: 4400,
	},
	'half an update': {
		frame: () => syncFrame('update', anUpdate().subarray(0, -3)),
		code: 4400,
	},
	'an update in the other encoding': {
		frame: () => syncFrame('update', Y.convertUpdateFormatV1ToV2(anUpdate())),
		code: 4400,
	},
	'a caret that is no JSON': { frame: () => Uint8Array.of(1, 5, 1, 1, 1, 1, 123), code: 4400 },
	'an update of more than 1 MiB': {
		frame: () => syncFrame('update', anUpdate('x'.repeat(mib))),
		code: 1009,
	},
	'a message of more than 8 MiB': { frame: () => new Uint8Array(8 * mib + 1), code: 1009 },
};

it.each(Object.entries(malformed))(
	'%s sends only its sender away and changes nothing',
	async (_, { frame, code }) => {
		using room = await openRoom(muster, seeded(1));
		const before = await stateOf(room);
		using hostile = await RawSocket.open(addressFor(room));
		hostile.send(frame());
		expect(await hostile.isWelcome()).toBe(false);
		expect(hostile.closed?.code).toBe(code);
		expect(hostile.acked).toBe(0);
		expect(await stateOf(room)).toEqual(before);
		await expectUndisturbed(room);
	},
);

it('of all kinds of message only the protocol’s are taken', async () => {
	using room = await openRoom(muster, seeded(1));
	const welcome: number[] = [];
	for (let kind = 0; kind < 256; kind++) {
		using hostile = await RawSocket.open(addressFor(room));
		hostile.send(Uint8Array.of(kind));
		if (await hostile.isWelcome()) welcome.push(kind);
		else expect(hostile.closed?.code).toBe(4400);
	}
	expect(welcome).toEqual([2, 3]); // auth, of which there is nothing to do here; who has a caret
	await expectUndisturbed(room);
});

it(`${hostileFrames} random and bent frames disturb nobody, and the journal tells the same`, async () => {
	const random = seeded(newSeed('frames'));
	using room = await openRoom(muster, random);
	const frames = recordFrames(room, random);
	let next = 0;
	let refused = 0;
	let hostile = await RawSocket.open(addressFor(room));
	const send = async (frame: Uint8Array): Promise<void> => {
		hostile.send(frame);
		if (await hostile.isWelcome()) return;
		const code = hostile.closed?.code;
		hostile = await RawSocket.open(addressFor(room));
		if (code === 1013) return send(frame); // too fast
		// Malformed or forbidden, too large, or something else than what stands in its place (4409).
		expect([4400, 1009, 4409]).toContain(code);
		refused += 1;
	};
	for (let i = 0; i < hostileFrames; i++) {
		// What is bent mostly fits the document, as what comes before it has arrived.
		const whole = random() < 0.3 ? frames[next++] : null;
		if (whole) await send(whole);
		await send(bent(frames, next, random));
	}
	hostile[Symbol.dispose]();
	expect(refused).toBeGreaterThan(hostileFrames / 4);
	expect(muster.output).not.toContain('room starts anew');
	await expectUndisturbed(room);
	const history = await historyOf(room.incident, { url });
	expect(readingOf(history.doc)).toEqual(await room.agree());
	expect(history.faults).toEqual([]);
});

function anUpdate(text = 'down'): Uint8Array {
	const doc = new Y.Doc();
	impactOf(doc).insert(0, text);
	return Y.encodeStateAsUpdate(doc);
}

/** Linus, on a further device, is the one who sends what he should not. */
function addressFor(room: TestRoom): Address {
	const token = room.people[2]?.token ?? '';
	return { syncUrl: muster.syncUrl, incident: room.incident, token };
}

/** What somebody who comes now gets, byte for byte. */
async function stateOf(room: TestRoom): Promise<Uint8Array> {
	using reader = await room.newReader();
	return Y.encodeStateAsUpdate(reader.doc);
}

/** Nobody lost the connection, and what ada writes now is saved and seen. */
async function expectUndisturbed(room: TestRoom): Promise<void> {
	expect(room.typists.filter(({ peer }) => peer.closed)).toEqual([]);
	room.typists[0]?.type('notes');
	await room.typists[0]?.peer.saved();
	await room.agree();
}

/** Well-formed frames of somebody's typing, to be bent. */
function recordFrames(room: TestRoom, random: () => number): Uint8Array[] {
	const frames: Uint8Array[] = [];
	using peer = room.peerOf({ token: '' });
	const seen = room.typists[0]?.peer.doc ?? peer.doc;
	Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(seen), 'server');
	peer.doc.on('update', (update: Uint8Array) => frames.push(syncFrame('update', update)));
	const typist = new Typist('mallory', peer, random);
	for (let i = 0; i < hostileFrames / 2; i++) typist.type();
	return frames;
}

/** A recorded frame with some bits flipped, cut short or continued; or bytes without any sense. */
function bent(frames: readonly Uint8Array[], next: number, random: () => number): Uint8Array {
	const pick = (count: number) => Math.floor(random() * count);
	const frame = Uint8Array.from(frames[random() < 0.7 ? next : pick(frames.length)] ?? []);
	const how = random();
	if (how < 0.1) return Uint8Array.from({ length: pick(60) }, () => pick(256));
	if (how < 0.2)
		return Uint8Array.of(0, 2, ...Uint8Array.from({ length: pick(60) }, () => pick(256)));
	if (how < 0.3) return frame.subarray(0, pick(frame.length));
	for (let flips = 1 + pick(3); flips > 0; flips--) {
		const at = pick(frame.length);
		frame[at] = (frame[at] ?? 0) ^ (1 << pick(8));
	}
	return frame;
}
