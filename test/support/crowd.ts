import { expect } from 'vitest';
import type { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { createDocument, impactOf } from '#core/incident/document.ts';
import type { Balancer } from './balancer.ts';
import { findLost } from './claims.ts';
import { SyncPeer } from './client.ts';
import { labelsIn } from './edits.ts';
import { invite, type TestPerson } from './people.ts';
import { TestClient } from './presence.ts';
import { oneOf } from './random.ts';
import type { Muster } from './server.ts';
import { stockProvider } from './stock.ts';
import { Typist } from './typist.ts';
import { until } from './until.ts';

/** One in so many has a stock provider, which knows nothing of acknowledgements. */
const stockShare = 5;
/** Whoever falls comes back after this, as often as it takes. */
const againMs = 100;
/** Closes that are for good. */
const leastRefusal = 4_400;

/** Where a crowd gathers. */
export interface CrowdPlace {
	readonly incident: string;
	readonly balancer: Balancer;
	/** Where people are made. */
	readonly muster: Muster;
	/** Told in letters, so that labels say whose they are. */
	readonly name: string;
	readonly random: () => number;
}

/** Somebody with a live document and a presence connection, who comes back whenever either ends. */
abstract class Member implements Disposable {
	abstract readonly doc: Y.Doc;
	/** How often the live document's connection ended. */
	falls = 0;
	readonly presence: TestClient;

	constructor({ incident, balancer }: CrowdPlace, { token }: TestPerson) {
		this.presence = new TestClient(balancer.port, { Authorization: `Bearer ${token}` }, {});
		this.presence.socket.on('connect', () => this.presence.socket.emit('enter', { incident }));
	}

	/** Whether both connections are there, and the document is as the server's. */
	get isThere(): boolean {
		return this.isSynced && this.presence.socket.connected;
	}

	abstract readonly isSynced: boolean;
	abstract type(random: () => number): void;

	[Symbol.dispose](): void {
		this.presence.socket.disconnect();
	}
}

class CountingMember extends Member {
	readonly typist: Typist;
	readonly #clock: NodeJS.Timeout;

	constructor(place: CrowdPlace, person: TestPerson) {
		super(place, person);
		const { incident, balancer, random } = place;
		const { token, name } = person;
		const peer = new SyncPeer({ syncUrl: balancer.syncUrl, incident, token });
		this.typist = new Typist(name, peer, random);
		peer.open();
		this.#clock = setInterval(() => {
			if (!peer.closed || peer.closed.code >= leastRefusal) return;
			this.falls += 1;
			peer.open();
		}, againMs);
	}

	get doc(): Y.Doc {
		return this.typist.peer.doc;
	}

	get isSynced(): boolean {
		return this.typist.peer.isSynced;
	}

	type(random: () => number): void {
		this.typist.type(oneOf(['impact', 'theory', 'notes', 'entry', 'task'], random));
	}

	override [Symbol.dispose](): void {
		super[Symbol.dispose]();
		clearInterval(this.#clock);
		this.typist.peer[Symbol.dispose]();
	}
}

class StockMember extends Member {
	readonly doc = createDocument('editing');
	readonly written: string[] = [];
	readonly #provider: WebsocketProvider;
	readonly #name: string;

	constructor(place: CrowdPlace, person: TestPerson) {
		super(place, person);
		const { incident, balancer } = place;
		this.#name = person.name;
		// Each stock provider hears when the process ends.
		process.setMaxListeners(process.getMaxListeners() + 1);
		const address = { syncUrl: balancer.syncUrl, incident, token: person.token };
		this.#provider = stockProvider({ ...address, doc: this.doc });
		this.#provider.on('connection-close', () => (this.falls += 1));
	}

	get isSynced(): boolean {
		return this.#provider.synced;
	}

	type(): void {
		const label = `${this.#name}-${this.written.length + 1}`;
		this.written.push(label);
		impactOf(this.doc).insert(0, `[${label}]`);
	}

	override [Symbol.dispose](): void {
		super[Symbol.dispose]();
		this.#provider.destroy();
		this.doc.destroy();
	}
}

/** Many people in one incident, each on both kinds of connections, through one balancer. */
export class Crowd implements Disposable {
	readonly members: readonly Member[];
	readonly #random: () => number;

	private constructor(members: readonly Member[], random: () => number) {
		this.members = members;
		this.#random = random;
	}

	static async gather(count: number, place: CrowdPlace): Promise<Crowd> {
		const members: Member[] = [];
		for (let i = 0; i < count; i++) {
			const person = await invite(place.muster, `${place.name}${inLetters(i)}`);
			const Kind = i % stockShare === stockShare - 1 ? StockMember : CountingMember;
			members.push(new Kind(place, person));
		}
		const crowd = new Crowd(members, place.random);
		await until('everybody is there', () => members.every(({ isThere }) => isThere), 60_000);
		return crowd;
	}

	get #counting(): CountingMember[] {
		return this.members.filter((member) => member instanceof CountingMember);
	}

	get typists(): Typist[] {
		return this.#counting.map(({ typist }) => typist);
	}

	get docs(): Y.Doc[] {
		return this.members.map(({ doc }) => doc);
	}

	/** How many edits were acknowledged. */
	get acked(): number {
		return this.typists.reduce((sum, { peer }) => sum + peer.acked.size, 0);
	}

	/** The presence connections that are there, as others are shown them. */
	get conns(): string[] {
		return this.members.flatMap(({ presence: { socket } }) => socket.id ?? []);
	}

	/** How many have fallen since `stand` was called, and how many of those are there again. */
	get fallen(): { readonly all: number; readonly back: number } {
		const all = this.members.filter(({ falls }) => falls > 0);
		return { all: all.length, back: all.filter(({ isThere }) => isThere).length };
	}

	stand(): void {
		for (const member of this.members) member.falls = 0;
	}

	/** Each types in turn, so many edits a second together, until what is returned is called. */
	typeInTurn(editsPerSecond: number): () => void {
		let turn = 0;
		const clock = setInterval(() => {
			this.members[turn++ % this.members.length]?.type(this.#random);
		}, 1_000 / editsPerSecond);
		return () => clearInterval(clock);
	}

	async saved(): Promise<void> {
		await Promise.all(this.typists.map(({ peer }) => peer.saved(30_000)));
	}

	/** What a document lacks of what anybody here wrote, as sentences. */
	findLost(doc: Y.Doc): string[] {
		const counts = labelsIn(doc);
		const stock = this.members.filter((member) => member instanceof StockMember);
		const uneven = stock
			.flatMap(({ written }) => written)
			.filter((label) => counts.get(label) !== 1)
			.map((label) => `${label} is there ${counts.get(label) ?? 0} times`);
		return [...findLost(doc, this.typists, true), ...uneven];
	}

	/** Nobody was sent away for good. */
	expectWelcome(): void {
		const ends = this.typists.map(({ peer }) => peer.closed);
		expect(ends.filter((end) => end !== null)).toEqual([]);
	}

	[Symbol.dispose](): void {
		for (const member of this.members) member[Symbol.dispose]();
	}
}

/** 0 is a, 25 is z, 26 is ba. */
function inLetters(n: number): string {
	const letter = String.fromCharCode(97 + (n % 26));
	return n < 26 ? letter : inLetters(Math.floor(n / 26)) + letter;
}
