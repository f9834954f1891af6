import * as Y from 'yjs';
import type { EntryId, PersonId } from '#core/ids.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { judge, type Verdict } from '../gate/judge.ts';
import { contradicts } from '../gate/sameness.ts';
import type { HotDocument } from '../hot.ts';
import type { Peer } from '../peers/peer.ts';
import { documentIsFull } from '../size.ts';
import type { Decision } from './asks.ts';
import { encodeEntry, encodeFacts, endOfRecord, originOf } from './facts.ts';
import type { Incoming } from './incomings.ts';

/** Client ids that the server itself writes under while this room is loaded. */
export interface ServerClients {
	readonly facts: number;
	readonly content: number;
}

/** A message that is dealt with as soon as its turn is committed. */
interface Settled {
	readonly peer: Peer;
	readonly n: number;
	readonly isWholeStep2: boolean;
}

/**
 * A turn in the making. Gated edits are applied to the hot document at once; what the server writes
 * (facts, entries of the API) stays beside it until the turn is committed.
 */
export class Draft {
	readonly edits: Edit[] = [];
	readonly facts: Fact[] = [];
	readonly settled: Settled[] = [];
	/** Client ids that this turn uses for the first time. */
	readonly bindings = new Map<number, PersonId>();
	readonly newEntries: { entry: EntryId; by: PersonId }[] = [];
	/** What the peers' edits changed, merged. */
	changed: Uint8Array | null = null;
	/** Updates that enter the hot document after the commit. */
	readonly afterCommit: Uint8Array[] = [];
	/** Peers to be asked for what is missing here. */
	readonly incomplete = new Set<Peer>();
	readonly #hot: HotDocument;
	readonly #clocks = new Map<number, number>();
	#end: Y.ID | null | undefined;
	/** What this thread had used of the processor before the edit that is applied. */
	#usedBefore: NodeJS.CpuUsage = { user: 0, system: 0 };

	constructor(hot: HotDocument) {
		this.#hot = hot;
	}

	get isEmpty(): boolean {
		return this.edits.length === 0;
	}

	/** The only peer that wrote in this turn, which need not hear of it again. */
	get onlyAuthor(): string | null {
		const [first] = this.edits;
		return first && this.edits.every(({ conn }) => conn === first.conn) ? first.conn : null;
	}

	/** Gates the edits one after the other and applies those that may be. */
	takeIn(
		incoming: readonly Incoming[],
		how: { readOnly: (peer: Peer) => Refusal | null; mayLack: boolean },
	): void {
		if (incoming.length === 0) return;
		this.#usedBefore = process.threadCpuUsage();
		this.changed = this.#hot.change(() => {
			for (const edit of incoming) {
				const readOnly = how.readOnly(edit.peer);
				if (!edit.peer.isRefused) this.#takeOne(edit, { ...how, readOnly });
			}
		});
	}

	#takeOne(edit: Incoming, how: { readOnly: Refusal | null; mayLack: boolean }): void {
		const { peer, n } = edit;
		const { person } = peer.info;
		try {
			if (contradicts(this.#hot.doc.store, edit.bytes, edit.scan.blocks)) {
				throw new Refusal('conflict', 'This copy says something else than the server’s.');
			}
			const verdict = judge(this.#hot, { ...edit, person: person.id, ...how });
			if (verdict.verdict === 'hold') {
				peer.hold(n, edit.receivedAt);
				this.incomplete.add(peer);
				return;
			}
			this.#refuseGrowth(verdict);
			const isWhole = verdict.verdict === 'nothing' || !verdict.isPartial;
			if (!isWhole) {
				peer.hold(n, edit.receivedAt);
				peer.broughtAt = edit.receivedAt;
				this.incomplete.add(peer);
			}
			this.settled.push({ peer, n, isWholeStep2: edit.kind === 'step2' && isWhole });
			if (verdict.verdict === 'apply') this.#apply(edit, verdict);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			peer.refuse(error);
		}
	}

	#refuseGrowth(verdict: Verdict): void {
		if (verdict.verdict !== 'apply' || verdict.clients.length === 0) return;
		if (this.#hot.size !== 'full') return;
		throw documentIsFull();
	}

	#apply(edit: Incoming, verdict: Extract<Verdict, { verdict: 'apply' }>): void {
		const { person, conn } = edit.peer.info;
		const newEntries = verdict.newEntries.filter((key) => !this.#hot.hasEntry(key));
		this.#applyInTime(edit.peer, verdict.bytes);
		for (const client of verdict.clients) {
			this.#hot.clients.set(client, person.id);
			if (!this.#hot.kept.has(client)) this.bindings.set(client, person.id);
		}
		for (const entry of newEntries) {
			this.newEntries.push({ entry: entry as EntryId, by: person.id });
		}
		this.edits.push({
			kind: 'edit',
			person: person.id,
			conn,
			n: edit.n,
			client: verdict.clients[0] ?? 0,
			receivedAt: edit.receivedAt,
			bytes: verdict.bytes,
		});
	}

	/** It is applied in any case; an author whose edits hold up everybody comes back with the next later. */
	#applyInTime(peer: Peer, bytes: Uint8Array): void {
		const began = performance.now();
		Y.applyUpdate(this.#hot.doc, bytes);
		const ms = Math.round(performance.now() - began);
		if (ms <= limits.applyMs) return;
		// A machine that is busy with something else is nobody's fault.
		const { user, system } = process.threadCpuUsage(this.#usedBefore);
		this.#usedBefore = process.threadCpuUsage();
		if ((user + system) / 1_000 <= limits.applyMs) return;
		const sentence = `This edit of ${bytes.length} bytes took ${ms} ms, which holds up everybody.`;
		peer.refuse(new Refusal('tooMany', sentence, 'apply'));
	}

	/** Adds what was decided for somebody (`now` in epoch ms), to be applied once it is committed. */
	write(
		decision: Decision,
		{ by, clients, now }: { by: PersonId; clients: ServerClients; now: number },
	): void {
		const origin = originOf(by, now);
		if (decision.entry) {
			const client = clients.content;
			const clock = this.#clockOf(client);
			const bytes = encodeEntry(decision.entry.id, decision.entry.entry, { client, clock });
			this.#advance(client, bytes);
			this.edits.push({ ...origin, kind: 'edit', client, bytes });
		}
		if (decision.restoring) {
			const { client, bytes } = decision.restoring;
			this.#advance(client, bytes);
			this.edits.push({ ...origin, kind: 'restore', client, bytes });
		}
		if (decision.facts.length === 0) return;
		const client = clients.facts;
		const clock = this.#clockOf(client);
		if (this.#end === undefined) this.#end = endOfRecord(this.#hot.doc);
		const bytes = encodeFacts(decision.facts, { client, clock, after: this.#end });
		this.#advance(client, bytes);
		this.#end = { client, clock: this.#clockOf(client) - 1 };
		this.edits.push({ ...origin, kind: 'facts', client, bytes });
		this.facts.push(...decision.facts);
	}

	#clockOf(client: number): number {
		return this.#clocks.get(client) ?? this.#hot.clockOf(client);
	}

	#advance(client: number, bytes: Uint8Array): void {
		const { to } = Y.parseUpdateMeta(bytes);
		this.#clocks.set(client, to.get(client) ?? this.#clockOf(client));
		this.afterCommit.push(bytes);
	}

	/** The turn is committed: its messages count as saved. */
	settle(): void {
		const peers = new Set<Peer>();
		for (const { peer, n, isWholeStep2 } of this.settled) {
			peer.settle(n, isWholeStep2);
			peers.add(peer);
		}
		for (const peer of peers) peer.acknowledge();
	}
}
