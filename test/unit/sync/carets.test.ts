import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import { Audience } from '#server/sync/audience.ts';
import type { Frame } from '#server/sync/peers/frames.ts';
import { HotDocument } from '#server/sync/hot.ts';
import type { Peer } from '#server/sync/peers/peer.ts';
import { HandClock } from '../../support/handClock.ts';
import { HandWire, infoOf, peerOn } from '../../support/handWire.ts';

interface Seen {
	readonly client: number;
	readonly clock: number;
	readonly state: { user: { id: string; name: string }; at?: number } | null;
}
type Claim = readonly [client: number, clock: number, state: unknown];

let clock: HandClock;
let audience: Audience;
let hot: HotDocument;
/** What the other nodes are told. */
let told: Uint8Array[];
beforeEach(() => {
	clock = new HandClock();
	told = [];
	audience = new Audience(clock, (carets) => void told.push(carets));
	hot = new HotDocument(new Map());
});

class Guest {
	readonly wire = new HandWire();
	readonly info;
	readonly peer: Peer;
	readonly why;

	constructor(name: string, where = audience) {
		this.info = infoOf(name);
		({ peer: this.peer, why: this.why } = peerOn(this.wire, this.info, clock));
		where.enter(this.peer);
	}

	says(...claims: Claim[]): void {
		audience.moveCaret(this.peer, encode(claims), hot);
	}

	/** The carets that it was shown, and forgets them. */
	shown(): Seen[] {
		return this.wire.sent.splice(0).flatMap(read);
	}
}

function encode(claims: readonly Claim[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, claims.length);
		for (const [client, at, state] of claims) {
			encoding.writeVarUint(encoder, client);
			encoding.writeVarUint(encoder, at);
			encoding.writeVarString(encoder, JSON.stringify(state));
		}
	});
}

/** The carets in a frame with the header of a short or a medium-sized one. */
function read(frame: Frame): Seen[] {
	const decoder = decoding.createDecoder(frame.subarray((frame[1] ?? 0) < 126 ? 2 : 4));
	expect(decoding.readVarUint(decoder)).toBe(1);
	const inner = decoding.createDecoder(decoding.readVarUint8Array(decoder));
	return Array.from({ length: decoding.readVarUint(inner) }, () => ({
		client: decoding.readVarUint(inner),
		clock: decoding.readVarUint(inner),
		state: JSON.parse(decoding.readVarString(inner)) as Seen['state'],
	}));
}

test('a caret bears the name of the connection’s person, whatever it says', () => {
	const ada = new Guest('ada');
	const grace = new Guest('grace');
	ada.says([7, 1, { user: { id: 'x', name: 'grace' }, at: 3 }]);
	clock.pass(limits.caretsMs);
	expect(grace.shown()).toMatchObject([{ client: 7, state: { user: { name: 'ada' }, at: 3 } }]);
	expect(ada.shown()).toEqual([]);
});

test('nobody moves, freezes or removes another’s caret, and echoes cost nothing', () => {
	const ada = new Guest('ada');
	const linus = new Guest('linus');
	const grace = new Guest('grace');
	ada.says([7, 1, { at: 1 }]);
	linus.says([8, 1, {}]);
	clock.pass(limits.caretMs);
	grace.shown();
	linus.says([7, 2 ** 50, { at: 99 }], [8, 2, {}]);
	linus.says([7, 2 ** 50, null]);
	for (let i = 0; i < 100; i++) {
		linus.says(...Array.from({ length: 30 }, (_, n): Claim => [100 + n, 5, {}]));
	}
	clock.pass(limits.caretMs);
	expect(grace.shown()).toEqual([]);
	expect(linus.why).toEqual([]);
	ada.says([7, 2, { at: 2 }]);
	clock.pass(limits.caretMs);
	expect(grace.shown()).toMatchObject([{ client: 7, state: { at: 2 } }]);
});

test('a stock client’s first message may be an echo: another tab’s caret stays its own', () => {
	const tab = new Guest('ada');
	const other = new Guest('ada');
	tab.says([7, 1, { at: 1 }]);
	clock.pass(limits.caretsMs);
	const [echo] = other.shown();
	expect(echo).toBeDefined();
	other.says([7, echo?.clock ?? 0, echo?.state]);
	expect(other.peer.caretClient).toBeNull();
	other.says([8, 1, { at: 2 }]);
	clock.pass(limits.caretsMs);
	expect(tab.shown()).toMatchObject([{ client: 8 }]);
});

test('what many move at once is shown together, to each without their own', () => {
	const guests = Array.from({ length: 10 }, (_, i) => new Guest(`person ${i}`));
	guests.forEach((guest, i) => guest.says([100 + i, 1, { at: 1 }]));
	guests.forEach((guest, i) => guest.says([100 + i, 2, { at: 2 }]));
	clock.pass(limits.caretsMs);
	guests.forEach(({ wire }) => expect(wire.sent).toHaveLength(1));
	guests.forEach((guest, i) => {
		const shown = guest.shown();
		expect(shown).toHaveLength(9);
		expect(shown.every(({ client, state }) => client !== 100 + i && state?.at === 2)).toBe(true);
	});
});

test('a caret is shown ten times a second at most, and its last place always', () => {
	const ada = new Guest('ada');
	const grace = new Guest('grace');
	for (let i = 1; i <= 60; i++) {
		ada.says([7, i, { at: i }]);
		clock.pass(1_000 / 60);
	}
	clock.pass(limits.caretMs + limits.caretsMs);
	const shown = grace.shown();
	expect(shown.length).toBeLessThanOrEqual(11);
	expect(shown.at(-1)).toMatchObject({ state: { at: 60 } });
});

test('who leaves takes the caret along; a caret lives as long as its connection', () => {
	const ada = new Guest('ada');
	const grace = new Guest('grace');
	ada.says([7, 1, {}]);
	clock.pass(10 * 60_000);
	const clocks = grace.shown().filter(({ client }) => client === 7);
	expect(clocks.length).toBeGreaterThanOrEqual(40);
	expect(clocks.map((seen) => seen.clock)).toEqual([...clocks.map((seen) => seen.clock)].sort());
	audience.leave(ada.peer);
	clock.pass(limits.caretsMs);
	const [gone] = grace.shown();
	expect(gone).toMatchObject({ client: 7, state: null });
	expect(gone?.clock).toBeGreaterThan(clocks.at(-1)?.clock ?? 0);
});

test('who comes back before the old connection is known to be dead keeps the caret', () => {
	const old = new Guest('ada');
	const grace = new Guest('grace');
	old.says([7, 1, { at: 1 }]);
	clock.pass(limits.caretMs);
	const back = new Guest('ada');
	back.says([7, 2, { at: 2 }]);
	audience.leave(old.peer);
	clock.pass(limits.caretMs);
	expect(grace.shown().at(-1)).toMatchObject({ client: 7, state: { at: 2 } });
	const late = new Guest('linus');
	audience.showCarets(late.peer);
	expect(late.shown()).toMatchObject([{ client: 7, state: { at: 2 } }]);
});

test('a caret that is too large, too deep or no object is not shown; many of them end it', () => {
	const ada = new Guest('ada');
	const grace = new Guest('grace');
	const deep = JSON.parse('{"a":'.repeat(9) + '1' + '}'.repeat(9)) as unknown;
	const odd = ['text', 5, true, [1], { a: 'x'.repeat(4_096) }, deep, JSON.parse('{"__proto__":1}')];
	for (const state of odd) ada.says([7, 1, state]);
	clock.pass(limits.caretMs);
	expect(grace.shown()).toEqual([]);
	const often = () => {
		for (let i = 0; i < 20; i++) ada.says([7, 1, 'text']);
	};
	expect(often).toThrow('These carets cannot be shown to anybody.');
	expect(() => grace.says([8, 1, { a: 'x'.repeat(4_000) }])).not.toThrow();
});

test('client ids that never write take no room', () => {
	for (let i = 0; i < 20_000; i++) {
		const guest = new Guest('ada');
		guest.says([1_000 + i, 1, {}]);
		audience.leave(guest.peer);
		if (i % 1_000 === 0) clock.pass(limits.caretsMs);
	}
	expect(hot.clients.size).toBeLessThanOrEqual(limits.idleClients + 1);
});

test('a client id that was seen beside a caret stays its person’s', () => {
	const ada = new Guest('ada');
	ada.says([7, 1, {}]);
	audience.leave(ada.peer);
	const linus = new Guest('linus');
	linus.says([7, 1, {}]);
	expect(linus.peer.caretClient).toBeNull();
	expect(hot.ownerOf(7)).toBe(ada.info.person.id);
	// One that wrote is never forgotten.
	const doc = new Y.Doc();
	doc.clientID = 7;
	doc.getText('impact').insert(0, 'x');
	hot.apply([Y.encodeStateAsUpdate(doc)]);
	for (let i = 0; i < 1_000; i++) {
		const guest = new Guest('ada');
		guest.says([1_000 + i, 1, {}]);
		audience.leave(guest.peer);
	}
	expect(hot.ownerOf(7)).toBe(ada.info.person.id satisfies PersonId);
});

describe('another node', () => {
	/** Where grace is. */
	let far: Audience;
	let grace: Guest;

	beforeEach(() => {
		far = new Audience(clock, (carets) => audience.hearCarets(carets, hot));
		grace = new Guest('grace', far);
	});

	function pass(ms: number): void {
		clock.pass(ms);
		for (const carets of told.splice(0)) far.hearCarets(carets, hot);
	}

	test('shows our carets, also to who comes later, and no longer once they are gone', () => {
		const ada = new Guest('ada');
		ada.says([7, 1, { at: 1 }]);
		pass(limits.caretsMs);
		expect(grace.shown()).toMatchObject([{ client: 7, state: { user: { name: 'ada' }, at: 1 } }]);
		const linus = new Guest('linus', far);
		far.showCarets(linus.peer);
		expect(linus.shown()).toMatchObject([{ client: 7, state: { at: 1 } }]);
		audience.leave(ada.peer);
		pass(limits.caretsMs);
		expect(grace.shown()).toMatchObject([{ client: 7, state: null }]);
		linus.shown();
		far.showCarets(linus.peer);
		expect(linus.shown()).toEqual([]);
	});

	test('forgets the carets of a node that is silent, and not of one whose people are still', () => {
		const ada = new Guest('ada');
		ada.says([7, 1, { at: 1 }]);
		for (let i = 0; i < 10; i++) pass(limits.presenceBeatMs);
		expect(grace.shown().at(-1)).toMatchObject({ client: 7, state: { at: 1 } });
		told.length = 0;
		clock.pass(2 * limits.presenceSilenceMs);
		told.length = 0;
		expect(grace.shown().at(-1)).toMatchObject({ client: 7, state: null });
	});

	test('gives up a caret whose client came to us, though its end is noticed late there', () => {
		const ada = new Guest('ada');
		ada.says([7, 1, { at: 1 }]);
		pass(limits.caretsMs);
		const moved = new Guest('ada', far);
		far.moveCaret(moved.peer, encode([[7, 2, { at: 2 }]]), hot);
		pass(limits.caretMs);
		audience.leave(ada.peer);
		pass(limits.caretMs);
		pass(limits.caretMs);
		expect(grace.shown().at(-1)).toMatchObject({ client: 7, state: { at: 2 } });
	});
});
