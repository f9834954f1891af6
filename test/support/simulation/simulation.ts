import { randomUUID } from 'node:crypto';
import { incidentOf, type DocumentId, type PersonId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { Refusal } from '#core/refusal.ts';
import { statuses } from '#server/http/statuses.ts';
import { createLog } from '#server/log.ts';
import { isStoreAway } from '#server/storage/away.ts';
import { seedEdits, seedRoom } from '#server/sync/turn/facts.ts';
import { newTurn } from '#server/sync/journal.ts';
import { findMisheard } from '../caller.ts';
import { findLost } from '../claims.ts';
import { SyncPeer, type Closed } from '../client.ts';
import { contentOf } from '../content.ts';
import { oneOf, seeded } from '../random.ts';
import { ada, grace, linus, TestRecord } from '../record.ts';
import { Typist } from '../typist.ts';
import { SimulatedFeed } from './feed.ts';
import { responder, SimulatedNode, type World } from './node.ts';
import { SimulatedStore } from './store.ts';
import { SimulatedTime } from './time.ts';

const runMs = 20_000;
const healMs = 180_000;
const settleMs = 3_000;

/** Somebody at a screen: types, is cut off, comes back to whichever node is up. */
interface Visitor {
	readonly person: PersonId;
	readonly typist: Typist;
	readonly peer: SyncPeer;
	/** Has what was there when they first came. */
	hasRead: boolean;
}

/** A command and the API's status for what its sender heard; 0 while that is unclear. */
interface Called {
	readonly key: string;
	status: number;
}

/**
 * Two nodes on one store, three people who type and command, and all that can go wrong, for twenty
 * seconds of simulated time: the real rooms with gate and journal logic, on a store, disks, a network
 * and a clock that one seed determines.
 */
export class Simulation {
	readonly #world: World;
	readonly #store: SimulatedStore;
	readonly #time = new SimulatedTime();
	readonly #nodes: readonly [SimulatedNode, ...SimulatedNode[]];
	readonly #document: DocumentId;
	readonly #visitors: Visitor[] = [];
	readonly #called: Called[] = [];
	readonly #faults: string[] = [];
	#isCalm = false;

	constructor(seed: number, nodes: 1 | 2) {
		const random = seeded(seed);
		this.#store = new SimulatedStore(this.#time, random);
		this.#world = {
			time: this.#time,
			store: this.#store,
			feed: new SimulatedFeed(random),
			random,
			log: createLog('silent'),
		};
		const others = nodes === 2 ? [new SimulatedNode('right', this.#world)] : [];
		this.#nodes = [new SimulatedNode('left', this.#world), ...others];
		this.#document = randomUUID() as DocumentId;
		const { facts } = new TestRecord().declare();
		this.#store.create(
			this.#document,
			newTurn(seedEdits({ facts, write: (doc) => seedRoom(doc), person: ada, receivedAt: 0 })),
		);
		for (const [name, person] of Object.entries({ ada, grace, linus })) this.#visit(name, person);
	}

	/** Runs it and gives what is wrong afterwards, as sentences: none is the promise. */
	async run(): Promise<string[]> {
		for (const node of this.#nodes) node.start();
		for (const visitor of this.#visitors) {
			visitor.peer.open();
			this.#live(visitor);
		}
		this.#later(2_000, () => this.#disturb());
		await this.#time.pass(runMs);
		this.#heal();
		await this.#time.until('everybody has the same, saved', () => this.#isWhole, healMs);
		await this.#time.pass(settleMs); // an answer may be faster than what it tells of
		return [...this.#faults, ...this.#check()];
	}

	#visit(name: string, person: PersonId): void {
		const doc = createDocument('editing');
		doc.clientID = Math.floor(this.#world.random() * 2 ** 32);
		const peer = new SyncPeer({
			doc,
			dial: (events) => {
				const up = this.#nodes.filter(({ isUp }) => isUp) as [SimulatedNode, ...SimulatedNode[]];
				const node = up.length > 0 ? oneOf(up, this.#world.random) : this.#nodes[0];
				return node.dial(this.#document, responder(person))(events);
			},
		});
		const typist = new Typist(name, peer, this.#world.random);
		this.#visitors.push({ person, typist, peer, hasRead: false });
	}

	/** Types every now and then, commands seldom, and comes back when the connection has ended. */
	#live(visitor: Visitor): void {
		const { peer, typist } = visitor;
		this.#later(150, () => {
			visitor.hasRead ||= peer.isSynced;
			if (peer.closed) this.#hearEnd(visitor, peer.closed);
			else if (!this.#isCalm && visitor.hasRead) this.#act(visitor);
			if (!this.#isCalm && peer.closed && visitor.hasRead) typist.type(); // offline
			this.#live(visitor);
		});
	}

	#act({ person, typist, peer }: Visitor): void {
		typist.type();
		const dice = this.#world.random();
		if (dice < 0.02) peer.drop();
		else if (dice < 0.06) this.#call(person);
	}

	/** A connection has ended: they come back, unless they were sent away for good, which nobody earned. */
	#hearEnd(visitor: Visitor, { code, reason }: Closed): void {
		if (code >= 4400) this.#faults.push(`${visitor.typist.name} was sent away: ${code} ${reason}`);
		visitor.peer.closed = null;
		this.#later(300, () => visitor.peer.open());
	}

	/** A command under a key; one that is unclear is asked again until it is not. */
	#call(person: PersonId): void {
		const key = `key-${this.#called.length + 1}`;
		const called: Called = { key, status: 0 };
		this.#called.push(called);
		let isUnclear = false;
		const ask = (): void => {
			const { rooms } = oneOf(this.#nodes, this.#world.random);
			if (!rooms) return this.#later(500, ask);
			let isHeard = false;
			const hear = (status: number): void => {
				isHeard = true;
				if (status === statuses.unclear) isUnclear = true;
				// What a repeat says of itself says nothing of the first try.
				if (status === statuses.unclear || (isUnclear && status !== 200)) {
					this.#later(500, ask);
				} else called.status = status;
			};
			const asker = { person: responder(person), key, print: key };
			const incident = incidentOf(this.#document);
			rooms.command(incident, asker, { type: 'rename', title: `down, ${key}` }).then(
				() => hear(200),
				(error: unknown) => hear(this.#statusOf(error)),
			);
			// Its node may be gone, and then nobody ever answers.
			this.#time.after(10_000, () => {
				if (isHeard) return;
				isUnclear = true;
				ask();
			});
		};
		ask();
	}

	#statusOf(error: unknown): number {
		// A room that cannot be loaded: the API asks again for a while, then says this too.
		if (isStoreAway(error)) return statuses.unavailable;
		if (error instanceof Refusal) return statuses[error.code];
		this.#faults.push(String(error));
		return 500;
	}

	/** One trouble after the other, each for a while. */
	#disturb(): void {
		if (this.#isCalm) return;
		const { random } = this.#world;
		const node = oneOf(this.#nodes, random);
		const store = this.#store;
		const forMs = 200 + random() * 4_000;
		const troubles: readonly [() => void, ...(() => void)[]] = [
			() => this.#bring('away', forMs),
			() => this.#bring('silent', forMs),
			() => this.#trouble({ broken: 0.1, unclear: 0.1, slow: 0.05 }, forMs),
			() => this.#trouble({ broken: 0, unclear: 0.3, slow: 0.2 }, forMs),
			() => this.#restart(node, () => node.kill()),
			() => this.#restart(node, () => node.stop()),
			() => node.freeze(forMs),
			() => this.#fillDisk(node, forMs),
			() => store.checkpoint(this.#document),
		];
		oneOf(troubles, random)();
		this.#later(1_500, () => this.#disturb());
	}

	#bring(state: 'away' | 'silent', forMs: number): void {
		this.#store.state = state;
		this.#time.after(forMs, () => (this.#store.state = 'there'));
	}

	#trouble(trouble: SimulatedStore['trouble'], forMs: number): void {
		this.#store.trouble = trouble;
		this.#time.after(forMs, () => (this.#store.trouble = none));
	}

	#restart(node: SimulatedNode, end: () => void | Promise<void>): void {
		if (!node.isUp) return;
		void Promise.resolve(end()).then(() => this.#later(1_000, () => node.start()));
	}

	#fillDisk({ disk }: SimulatedNode, forMs: number): void {
		disk.isFull = true;
		this.#time.after(forMs, () => (disk.isFull = false));
	}

	/** Nothing goes wrong any more, and nobody types. */
	#heal(): void {
		this.#isCalm = true;
		this.#store.state = 'there';
		this.#store.trouble = none;
		for (const node of this.#nodes) node.disk.isFull = false;
	}

	/** Where everything stands, for whoever looks into a seed that fails. */
	get state(): string {
		const nodes = this.#nodes.map(({ name, isUp, disk, rooms }) => {
			return { name, isUp, unsaved: rooms?.unsaved, onDisk: disk.turns };
		});
		const visitors = this.#visitors.map(({ typist, peer }) => {
			return { name: typist.name, isOpen: peer.isOpen, isSaved: peer.isSaved };
		});
		const waiting = this.#called.filter(({ status }) => status === 0);
		const turns = this.#store.turnsOf(this.#document).length;
		return JSON.stringify({ nodes, visitors, waiting, turns });
	}

	get #isWhole(): boolean {
		const isQuiet = this.#nodes.every(({ isUp, disk }) => isUp && disk.turns === 0);
		const isSaved = this.#visitors.every(({ peer }) => peer.isSaved);
		if (!isQuiet || !isSaved || this.#called.some(({ status }) => status === 0)) return false;
		const contents = this.#visitors.map(({ peer }) => JSON.stringify(contentOf(peer.doc)));
		return new Set(contents).size === 1;
	}

	#check(): string[] {
		const replayed = this.#store.replay(this.#document);
		const content = JSON.stringify(contentOf(replayed));
		const others = this.#visitors.filter(
			({ peer }) => JSON.stringify(contentOf(peer.doc)) !== content,
		);
		const typists = this.#visitors.map(({ typist }) => typist);
		return [
			...others.map(({ typist }) => `${typist.name} reads something else than the journal says`),
			...findLost(replayed, typists, true),
			...findMisheard(replayed, [{ calls: this.#called }]),
			...this.#nodes.flatMap(({ name, disk }) =>
				disk.aside.map(() => `${name} set a backlog aside`),
			),
		];
	}

	/** Something that happens soon, at a time that chance decides. */
	#later(aboutMs: number, run: () => void): void {
		this.#time.after(aboutMs * (0.5 + this.#world.random()), run);
	}
}

const none = { broken: 0, unclear: 0, slow: 0 };
