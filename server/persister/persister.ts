import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DocumentId, IncidentId } from '#core/ids.ts';
import type { Logger } from '#server/log.ts';
import { limits } from '#server/limits.ts';
import type { Opening } from '#server/opening/opening.ts';
import type { Database } from '#server/storage/database.ts';
import {
	askMissed,
	countOutdated,
	claimAsked,
	claimDerivation,
	settleDerivation,
	type Claim,
} from '#server/storage/derivations.ts';
import { countPassed } from '#server/storage/quarantines.ts';
import { countRemovals } from '#server/storage/removals.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import { untilProjected, type Deriving } from './deriving.ts';
import { deriveFrom, keepState, PastChanged, type Desk } from './desk.ts';
import { Follower } from './follower.ts';
import { Lookout } from './lookout.ts';
import { Schedule } from './schedule.ts';
import { Summing } from './summing.ts';

export interface PersisterParts {
	readonly db: Database;
	readonly log: Logger;
	/** Tells how far a document can be opened, and from which checkpoint. */
	readonly opening: Pick<Opening, 'open'>;
	/** Hears that what lists show of an incident has changed. */
	readonly projected?: (incident: IncidentId) => void;
	/** How often it looks for what other processes ask for, in ms. */
	readonly lookMs?: number;
}

/**
 * Derives from the journal what others read: checkpoints, the projection, the final snapshot. It
 * never stands in a room's way, may be late, and may run in several processes: they share the documents
 * out among them, and whoever knows less writes nothing.
 * The order is its promise: a turn that closed an incident is passed only with its snapshot kept, and
 * nothing of a closed one is listed without.
 */
export class Persister implements Deriving {
	readonly #parts: PersisterParts;
	/** What it is called among persisters. */
	readonly #holder = randomUUID();
	readonly #desks = new Map<DocumentId, Desk>();
	/** The documents in use, each with the time of its last turn (monotonic ms): others leave the memory. */
	readonly #heardAt = new Map<DocumentId, number>();
	readonly #failing = new Set<DocumentId>();
	/** Documents that another persister derives. */
	readonly #elsewhere = new Set<DocumentId>();
	readonly #schedule = new Schedule<DocumentId>((document) => this.#work(document));
	/** What it has claimed and not yet derived. */
	readonly #claimed = new Set<DocumentId>();
	/** How many projections of an older version there are, as far as it knows. */
	#outdated = 0;
	readonly #missed = new Lookout(() => this.#askMissed());
	readonly #asked = new Lookout(() => this.#takeAsked());
	readonly #summing: Summing;

	constructor(parts: PersisterParts) {
		this.#parts = parts;
		this.#summing = new Summing(parts);
	}

	/** Begins with what was missed, also by an earlier run, and looks for more now and then. */
	async start(): Promise<void> {
		const { log, lookMs = limits.askedMs } = this.#parts;
		await this.#missed.start(limits.persisterPollMs, log);
		await this.#asked.start(lookMs, log);
		this.#summing.start();
	}

	/** Takes note of a turn. What somebody decided is shown at once, the rest soon. */
	heard({ document, facts }: Pick<TurnNotice, 'document' | 'facts'>): void {
		this.#heardAt.set(document, performance.now());
		this.#schedule.ask(document, facts.length > 0 ? 0 : limits.projectionPatienceMs);
	}

	/** Waits until everything that is committed now is derived, or another persister had time for it. */
	async caughtUp(document: DocumentId): Promise<void> {
		this.#heardAt.set(document, performance.now());
		await this.#schedule.run(document);
		const isElsewhere = this.#elsewhere.has(document);
		if (isElsewhere) await untilProjected(this.#parts.db.sql, document, limits.listedMs);
	}

	/** A room is let go: its document is kept as a checkpoint and leaves the memory. */
	unloaded(document: DocumentId): void {
		this.#heardAt.delete(document);
		this.#elsewhere.delete(document);
		if (this.#desks.has(document)) this.#schedule.ask(document, 0);
	}

	/** Asks for what was missed, and tells how far it is where much is made anew. */
	async #askMissed(): Promise<void> {
		const { db, log } = this.#parts;
		await askMissed(db.sql);
		const { all, outdated } = await countOutdated(db.sql);
		if (outdated > 0) log.info({ all, outdated }, 'projections are made anew');
		else if (this.#outdated > 0) log.info({ all }, 'all projections are made anew');
		this.#outdated = outdated;
	}

	/** Where much waits, the next is claimed before all is derived. */
	#derived(document: DocumentId): void {
		const isAlmostDone = this.#claimed.delete(document) && this.#claimed.size === 1;
		if (isAlmostDone) void this.#asked.soon();
	}

	async #takeAsked(): Promise<void> {
		this.#letGo();
		const asked = await claimAsked(this.#parts.db.sql, this.#holder, limits.claimsAtOnce);
		for (const { document, isInUse } of asked) {
			if (isInUse) this.#heardAt.set(document, performance.now());
			this.#claimed.add(document);
			this.#schedule.ask(document, 0);
		}
		if (asked.length === 0 && this.#outdated > 0) void this.#missed.soon();
	}

	/** Idle documents leave the memory, and the longest idle ones when there are too many. */
	#letGo(): void {
		const idleSince = performance.now() - limits.idleRoomMs;
		const byAge = [...this.#heardAt].sort(([, a], [, b]) => a - b);
		const tooMany = byAge.length - limits.followers;
		byAge.forEach(([document, heardAt], place) => {
			if (place < tooMany || heardAt < idleSince) this.unloaded(document);
		});
	}

	async #work(document: DocumentId): Promise<void> {
		try {
			const claim = await claimDerivation(this.#parts.db.sql, document, this.#holder);
			if (claim.isMine) await this.#workOn(document, claim);
			else this.#leave(document);
			if (this.#failing.delete(document)) {
				this.#parts.log.info({ document }, 'document is derived again');
			}
		} catch (error) {
			this.#drop(document);
			if (!this.#failing.has(document)) {
				this.#failing.add(document);
				this.#parts.log.error({ err: error, document }, 'document cannot be derived');
			}
			throw error;
		} finally {
			this.#derived(document);
		}
	}

	/** Another persister has it and is asked for it; what is in memory here may be of use after that. */
	#leave(document: DocumentId): void {
		if (this.#heardAt.has(document)) this.#elsewhere.add(document);
		else this.#drop(document);
	}

	async #workOn(document: DocumentId, claim: Claim): Promise<void> {
		this.#elsewhere.delete(document);
		let { passed, removals } = claim;
		// What was written is not there any more, or is to be made anew: what is in memory says nothing of that.
		if (claim.made === 'none' && this.#desks.get(document)?.written) this.#drop(document);
		for (;;) {
			const known = this.#desks.get(document);
			if (known?.passed !== passed || known.removals !== removals) this.#drop(document);
			const desk = this.#desks.get(document) ?? (await this.#open(document, passed));
			try {
				if (desk) await this.#derive(desk, claim.made);
				break;
			} catch (error) {
				if (!(error instanceof PastChanged)) throw error;
				passed = await countPassed(this.#parts.db.sql, document);
				removals = await countRemovals(this.#parts.db.sql, document);
			}
		}
		const isLetGo = !this.#desks.has(document);
		if (!isLetGo && !claim.isAsked) return;
		const { asks } = claim;
		await settleDerivation(this.#parts.db.sql, document, { holder: this.#holder, asks, isLetGo });
	}

	async #open(document: DocumentId, passed: number): Promise<Desk | null> {
		const opened = await this.#parts.opening.open(document);
		if (!opened) return null;
		const follower = Follower.open(document, opened.checkpoint);
		const upTo = opened.quarantine?.turn ?? Infinity;
		const { removals } = opened;
		const desk = { follower, upTo, passed, removals, written: null, shown: '' };
		this.#desks.set(document, desk);
		return desk;
	}

	async #derive(desk: Desk, made: Claim['made']): Promise<void> {
		const { db, projected = () => undefined } = this.#parts;
		const { follower } = desk;
		await deriveFrom(desk, { sql: db.sql, projected }, made);
		const isWhole = desk.upTo === Infinity;
		if (isWhole && this.#heardAt.has(follower.document)) return;
		if (follower.hasMoved) await keepState(db.sql, desk);
		this.#drop(follower.document);
	}

	#drop(document: DocumentId): void {
		this.#desks.get(document)?.follower[Symbol.dispose]();
		this.#desks.delete(document);
	}

	/**
	 * Derives what it has heard of, keeps checkpoints of what is in memory, and ends. A store that does
	 * not answer is not waited for: the next start finds what is missing.
	 */
	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.race([this.#end(), pause(limits.persisterEndMs, null, { ref: false })]);
	}

	async #end(): Promise<void> {
		await Promise.all([this.#missed.end(), this.#asked.end(), this.#summing.end()]);
		const asked = await this.#schedule.end();
		this.#heardAt.clear();
		await this.#finish(new Set([...this.#desks.keys(), ...asked]));
		for (const document of [...this.#desks.keys()]) this.#drop(document);
	}

	async #finish(documents: Iterable<DocumentId>): Promise<void> {
		for (const document of documents) {
			if (this.#failing.has(document)) continue;
			try {
				await this.#schedule.run(document);
			} catch {
				return; // It is in the log, and the next start begins with it.
			}
		}
	}
}
