import { limits } from '#server/limits.ts';
import type { Clock } from '../clock.ts';
import type { HotDocument } from '../hot.ts';
import type { Frame } from '../peers/frames.ts';
import type { Peer } from '../peers/peer.ts';
import {
	CaretBatch,
	entryOf,
	readClaims,
	readFar,
	readState,
	type Claim,
	type Entry,
} from './caretFrames.ts';
import { FarCarets } from './farCarets.ts';
import { IdleClients } from './idleClients.ts';

interface Caret {
	readonly peer: Peer;
	/** What the others are shown of it, as JSON. */
	readonly state: string;
	/** When it was shown last (ms of the clock). */
	shownAt: number;
}

/** Above all clocks that a client counts by itself: what has one like it came from us. */
const ourLeastClock = 2 ** 40;
const nobody = 'null';

/**
 * Who has the caret where (y-protocols' awareness). A peer has one caret; its name, its clock and
 * its end are the server's, whatever the client says. Kept as long as the connection lasts, never in
 * the document; what changed is shown to all together, a little later.
 */
export class Carets {
	readonly #clock: Clock;
	readonly #show: (batch: CaretBatch) => void;
	/** Tells the other nodes of our carets. */
	readonly #tell: (body: Uint8Array) => void;
	readonly #carets = new Map<number, Caret>();
	readonly #far = new FarCarets();
	readonly #idle = new IdleClients((client) => this.#carets.has(client) || this.#far.has(client));
	/** Clients whose caret changed since it was shown, or is gone. */
	readonly #changed = new Set<number>();
	#callOff: (() => void) | null = null;
	#last = ourLeastClock;

	constructor(
		clock: Clock,
		to: { show: (batch: CaretBatch) => void; tell: (body: Uint8Array) => void },
	) {
		this.#clock = clock;
		this.#show = to.show;
		this.#tell = to.tell;
	}

	/** Takes a peer's own state. Throws `Malformed`, and a `Refusal` for too many that cannot be shown. */
	take(peer: Peer, bytes: Uint8Array, hot: HotDocument): void {
		const claim = readClaims(bytes).find((one) => this.#isOwn(one, peer, hot));
		if (!claim) return;
		const { client } = claim;
		const state = readState(claim, peer.info.person);
		if (state === null) return peer.meter.oddCaret();
		peer.caretClient = client;
		this.#idle.bind(client, peer.info.person.id, hot);
		if (state === nobody) return this.leave(peer);
		const before = this.#carets.get(client);
		if (before?.peer === peer && before.state === state) return;
		this.#far.delete(client);
		this.#carets.set(client, { peer, state, shownAt: before?.shownAt ?? 0 });
		this.#touch(client);
	}

	/** Where everybody else is, for somebody who comes in. */
	all(except: Peer): Frame | null {
		const entries: Entry[] = [];
		for (const [client, { peer, state }] of this.#carets) {
			const isOwn = peer === except || client === except.caretClient;
			if (!isOwn) entries.push(entryOf(client, this.#tick(), state));
		}
		entries.push(...this.#far.entries().filter(({ client }) => client !== except.caretClient));
		return entries.length === 0 ? null : new CaretBatch(entries).frame;
	}

	/** The peer is gone, and its caret with it, unless a newer connection of its client has it. */
	leave(peer: Peer): void {
		const client = peer.caretClient;
		if (client === null || this.#carets.get(client)?.peer !== peer) return;
		this.#carets.delete(client);
		this.#touch(client);
	}

	/** Clients forget carets that nobody speaks of for 30 s: all that are here are shown again. */
	renew(): void {
		for (const client of this.#carets.keys()) this.#touch(client);
	}

	/** Tells the other nodes of all carets here, and shows that those of a silent node are gone. */
	beat(): void {
		const own = Array.from(this.#carets, ([client, { state }]) =>
			entryOf(client, this.#tick(), state),
		);
		if (own.length > 0) this.#tell(new CaretBatch(own).body);
		const gone = this.#far.forgetSilent(this.#clock.now());
		if (gone.length === 0) return;
		this.#show(new CaretBatch(gone.map((client) => entryOf(client, this.#tick(), nobody))));
	}

	/** Shows what another node tells of its carets. Throws `Malformed`. */
	hearFar(body: Uint8Array, hot: HotDocument): void {
		const now = this.#clock.now();
		const entries: Entry[] = [];
		for (const claim of readClaims(body)) {
			const { client, clock } = claim;
			const { state, person } = readFar(claim);
			this.#last = Math.max(this.#last, clock);
			if (this.#carets.has(client)) {
				// It came here from there, where its end was noticed late.
				if (state === nobody) this.#touch(client);
				continue;
			}
			if (person === null) this.#far.delete(client);
			else this.#far.set(client, { clock, state, heardAt: now });
			if (person !== null) this.#idle.bind(client, person, hot);
			entries.push(entryOf(client, clock, state));
		}
		if (entries.length > 0) this.#show(new CaretBatch(entries));
	}

	/** Nothing is shown any more. */
	end(): void {
		this.#callOff?.();
		this.#callOff = () => undefined;
	}

	/**
	 * A stock client also sends what it heard of others. Its own caret is under the id that it began
	 * with; a client that comes back while its old connection is not known to be dead speaks with a
	 * clock of its own, not with ours.
	 */
	#isOwn({ client, clock }: Claim, peer: Peer, hot: HotDocument): boolean {
		const owner = hot.ownerOf(client);
		if (owner !== null && owner !== peer.info.person.id) return false;
		const holder = this.#carets.get(client)?.peer ?? null;
		if (peer.caretClient !== null) {
			return client === peer.caretClient && (holder === null || holder === peer);
		}
		return holder === null || clock < ourLeastClock;
	}

	#touch(client: number): void {
		this.#changed.add(client);
		this.#callOff ??= this.#clock.after(limits.caretsMs, () => this.#showChanged());
	}

	#showChanged(): void {
		this.#callOff = null;
		const now = this.#clock.now();
		const entries: Entry[] = [];
		const early: number[] = [];
		for (const client of this.#changed) {
			const caret = this.#carets.get(client);
			if (caret && Math.abs(now - caret.shownAt) < limits.caretMs) {
				early.push(client);
				continue;
			}
			if (caret) caret.shownAt = now;
			entries.push(entryOf(client, this.#tick(), caret?.state ?? nobody));
		}
		this.#changed.clear();
		for (const client of early) this.#touch(client);
		if (entries.length === 0) return;
		const batch = new CaretBatch(entries);
		this.#show(batch);
		this.#tell(batch.body);
	}

	/** Clocks only rise, also over the connections of one client and the lives of a room. */
	#tick(): number {
		this.#last = Math.max(this.#last + 1, this.#clock.now());
		return this.#last;
	}
}
