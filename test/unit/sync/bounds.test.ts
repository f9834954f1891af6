import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { DocumentId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { createLog } from '#server/log.ts';
import { limits } from '#server/limits.ts';
import { Audience } from '#server/sync/audience.ts';
import { Incomings } from '#server/sync/turn/incomings.ts';
import { Outbox } from '#server/sync/peers/outbox.ts';
import { Refusals } from '#server/sync/peers/refusals.ts';
import { noFeed } from '#server/sync/nodes/feed.ts';
import { Rooms } from '#server/sync/rooms.ts';
import { Size } from '#server/sync/size.ts';
import { Sockets } from '#server/sync/peers/sockets.ts';
import type { RoomParts } from '#server/sync/roomParts.ts';
import { Unread } from '#server/sync/peers/unread.ts';
import { HandClock } from '../../support/handClock.ts';
import { HandWire, infoOf, peerOn } from '../../support/handWire.ts';

const mib = 2 ** 20;
const document = 'checkout' as DocumentId;

/** A socket whose other end takes a piece when it is told to. */
function slowSocket() {
	const taken: Buffer[] = [];
	let take: () => void = () => undefined;
	const socket = new Writable({
		highWaterMark: 1_000,
		write(chunk: Buffer, _encoding, done) {
			take = () => {
				taken.push(chunk);
				done();
			};
		},
	});
	return { socket, taken, take: () => take() };
}

test('what a slow reader is sent waits in order, in few pieces, and all of it is counted', async () => {
	const { socket, taken, take } = slowSocket();
	const outbox = new Outbox(socket);
	const frames = Array.from({ length: 5_000 }, (_, i) => Buffer.from(`frame ${i};`));
	for (const frame of frames) outbox.send(frame);
	const whole = Buffer.concat(frames);
	expect(outbox.waitingBytes).toBeGreaterThan(whole.length);
	for (let pieces = 0; outbox.waitingBytes > 0 && pieces < 200; pieces++) {
		take();
		await new Promise((resolve) => setImmediate(resolve));
	}
	expect(Buffer.compare(Buffer.concat(taken), whole)).toBe(0);
	expect(taken.length).toBeLessThan(150);
	expect(outbox.waitingBytes).toBe(0);
});

test('who is sent away has nothing more waiting', () => {
	const { socket } = slowSocket();
	const outbox = new Outbox(socket);
	for (let i = 0; i < 1_000; i++) outbox.send(Buffer.alloc(1_000));
	outbox.end();
	outbox.send(Buffer.alloc(1_000));
	expect(outbox.waitingBytes).toBeLessThanOrEqual(2_000);
});

test('a reader with more than 8 MiB waiting is sent away, but not for an answer that it asked for', () => {
	const clock = new HandClock();
	const wire = new HandWire();
	const { peer } = peerOn(wire, infoOf('ada'), clock);
	peer.answer(Buffer.alloc(20 * mib));
	wire.waitingBytes = 20 * mib;
	peer.send(Buffer.alloc(10));
	expect(wire.closed).toBeNull();
	wire.waitingBytes = 8 * mib;
	peer.send(Buffer.alloc(10));
	wire.waitingBytes = 8 * mib + 1;
	peer.send(Buffer.alloc(10));
	expect(wire.closed).toEqual({ code: 1013, reason: 'This connection reads too slowly.' });
});

test('one answer for five hundred slow readers waits once; different ones are held to a sum', () => {
	const unread = new Unread();
	const refused: number[] = [];
	const readerOf = (id: number) => ({ waitingBytes: 5 * mib, refuse: () => void refused.push(id) });
	const shared = Buffer.alloc(5 * mib);
	for (let i = 0; i < 500; i++) unread.add(shared, readerOf(i));
	expect(refused).toEqual([]);
	for (let i = 1_000; i < 1_050; i++) unread.add(Buffer.alloc(6 * mib), readerOf(i));
	expect(refused).toHaveLength(43);
	expect(refused).not.toContain(1_049);
});

test('all who wait for the largest answer are sent away when the sum is too much', () => {
	const unread = new Unread();
	const refused: number[] = [];
	const readerOf = (id: number) => ({ waitingBytes: mib, refuse: () => void refused.push(id) });
	const largest = Buffer.alloc(40 * mib);
	for (const id of [1, 2, 3]) unread.add(largest, readerOf(id));
	unread.add(Buffer.alloc(10 * mib), readerOf(4));
	expect(refused).toEqual([1, 2, 3]);
});

test('readers who took their answers do not count', () => {
	const unread = new Unread();
	for (let i = 0; i < 100; i++) {
		const reader = { waitingBytes: 0, refuse: () => expect.fail('a fast reader is sent away') };
		unread.add(Buffer.alloc(6 * mib), reader);
	}
});

test('edits that wait for a turn stop the sockets when they are too many, and none is dropped', () => {
	const isHeld: boolean[] = [];
	const incomings = new Incomings((isFull) => {
		if (isHeld.at(-1) !== isFull) isHeld.push(isFull);
	});
	const edit = { bytes: new Uint8Array(mib) } as Parameters<Incomings['add']>[0];
	for (let i = 0; i < 10; i++) incomings.add(edit);
	expect(isHeld).toEqual([true]);
	const turns: number[] = [];
	while (!incomings.isEmpty) turns.push(incomings.takeTurn().length);
	expect(turns).toEqual([4, 4, 2]);
	expect(isHeld).toEqual([true, false]);
	incomings.add({ ...edit, bytes: new Uint8Array(limits.messageBytes) });
	expect(incomings.takeTurn()).toHaveLength(1);
});

test('who comes in while nothing is read waits, until there is no reason left', () => {
	const clock = new HandClock();
	const audience = new Audience(clock, () => undefined);
	const wire = new HandWire();
	const { peer } = peerOn(wire, infoOf('ada'), clock);
	audience.holdBack(true, 'incoming');
	audience.holdBack(true);
	audience.enter(peer);
	expect(wire.isPaused).toBe(true);
	audience.holdBack(false, 'incoming');
	expect(wire.isPaused).toBe(true);
	audience.holdBack(false);
	expect(wire.isPaused).toBe(false);
});

test('whoever waits for a room that is being opened hears of a sign-out', () => {
	const never = new Promise<never>(() => undefined);
	const parts = {
		clock: new HandClock(),
		feed: noFeed,
		log: createLog('silent'),
		open: () => never,
	};
	const rooms = new Rooms(parts as unknown as RoomParts);
	const wire = new HandWire();
	rooms.connect(wire, document, infoOf('ada', { session: 's1' }));
	const other = new HandWire();
	const grace = infoOf('grace');
	rooms.connect(other, document, grace);
	expect([...rooms.sockets.sessions()]).toEqual(['s1']);
	rooms.sockets.signedOut('s1');
	expect(wire.closed?.code).toBe(4401);
	rooms.sockets.accessChanged(grace.person.id);
	expect(other.closed?.code).toBe(1012);
	wire.cut();
	other.cut();
	expect(rooms.sockets.open).toBe(0);
});

test('a document is large from 5 MiB on and full from 20 MiB on, and measured seldom', () => {
	const size = new Size();
	let real = 0;
	let measured = 0;
	const measure = () => {
		measured += 1;
		return real;
	};
	const said: (string | null)[] = [];
	for (let i = 0; i < 21 * 1_024; i++) {
		real += 1_024;
		size.grew(1_024);
		const next = size.judge(measure);
		if (said.at(-1) !== next) said.push(next);
		if (next === 'full') break;
	}
	expect(said).toEqual([null, 'large', 'full']);
	expect(real).toBeGreaterThan(19.5 * mib);
	expect(measured).toBeLessThan(80);
});

test('a document that was emptied is small again', () => {
	const size = new Size();
	size.grew(30 * mib);
	expect(size.judge(() => 30 * mib)).toBe('full');
	size.shrank(29 * mib);
	expect(size.judge(() => mib)).toBeNull();
});

test('of many refusals each is counted and one in a while is logged', () => {
	const lines: string[] = [];
	const log = createLog(
		'warn',
		new Writable({ write: (chunk: Buffer, _, done) => (lines.push(chunk.toString()), done()) }),
	);
	const clock = new HandClock();
	const refusals = new Refusals({ log, clock });
	for (let i = 0; i < 1_000; i++) refusals.note(new Refusal('invalid', 'Nonsense.'), {});
	refusals.note(new Refusal('tooMany', 'Too fast (rate).', 'rate'), {});
	clock.pass(limits.refusalLogMs);
	refusals.note(new Refusal('invalid', 'Nonsense.'), { person: 'linus' });
	expect(Object.fromEntries(refusals.counts)).toEqual({ invalid: 1_001, rate: 1 });
	expect(lines).toHaveLength(3);
	expect(JSON.parse(lines[2] ?? '')).toMatchObject({ unlogged: 999, person: 'linus' });
});

test('whoever is signed out while being looked up or while the room is opened stays out', () => {
	const clock = new HandClock();
	const sockets = new Sockets();
	const wire = new HandWire();
	const info = infoOf('ada', { session: 's1' });
	const since = performance.now();
	const { peer } = peerOn(wire, info, clock);
	sockets.add(peer, document);
	sockets.signedOut('s1');
	expect(wire.closed?.code).toBe(4401);
	const caller = { document, person: info.person.id, session: 's1', since };
	expect(() => sockets.admit(caller)).toThrow('You are signed out.');
	expect(() => sockets.admit({ ...caller, session: 's2' })).not.toThrow();
	sockets.accessChanged(info.person.id);
	expect(() => sockets.admit({ ...caller, session: 's2' })).toThrow('Your access has changed.');
	expect(() => sockets.admit({ ...caller, since: performance.now() + 1 })).not.toThrow();
});

test('a person has twenty sockets, an incident five hundred', () => {
	const clock = new HandClock();
	const sockets = new Sockets();
	const since = performance.now();
	const come = (name: string) => {
		const info = infoOf(name);
		sockets.admit({ document, person: info.person.id, session: null, since });
		const { peer } = peerOn(new HandWire(), info, clock);
		sockets.add(peer, document);
		return peer;
	};
	const peers = Array.from({ length: 20 }, () => come('ada'));
	expect(() => come('ada')).toThrow('You have too many connections.');
	sockets.remove(peers[0] as NonNullable<(typeof peers)[0]>);
	come('ada');
	for (let i = 0; i < 480; i++) come(`p${i}`);
	expect(() => come('grace')).toThrow('This incident has as many connections as it may.');
	expect(sockets.open).toBe(500);
});
