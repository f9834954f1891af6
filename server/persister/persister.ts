import { setTimeout as pause } from 'node:timers/promises';
import { incidentOfRoom, type DocumentId, type IncidentId } from '#core/ids.ts';
import { leavesOut } from '#core/incident/record.ts';
import type { Logger } from '#server/log.ts';
import { limits } from '#server/limits.ts';
import type { Opening } from '#server/opening/opening.ts';
import { keepCheckpoint, newestCheckpoint, thinCheckpoints } from '#server/storage/checkpoints.ts';
import type { Database } from '#server/storage/database.ts';
import {
	findUnprojected,
	isRoom,
	writeProjection,
	type WrittenProjection,
} from '#server/storage/projection.ts';
import { keepSnapshot } from '#server/storage/snapshots.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import { Follower } from './follower.ts';
import { projectIncident } from './project.ts';
import { Schedule } from './schedule.ts';
import { makeSnapshot } from './snapshot.ts';

/** What the persister has in memory of a document that is in use. */
interface Desk {
	readonly follower: Follower;
	/** Where it ends for a document that cannot be opened whole. */
	readonly upTo: number;
	written: WrittenProjection | null;
	/** What lists last knew, to tell only what is new. */
	shown: string;
}

export interface PersisterParts {
	readonly db: Database;
	readonly log: Logger;
	/** Tells how far a document can be opened, and from which checkpoint. */
	readonly opening: Pick<Opening, 'open'>;
	/** Hears that what lists show of an incident has changed. */
	readonly projected?: (incident: IncidentId) => void;
}

/**
 * Derives from the journal what others read: checkpoints, the projection, the final snapshot. It
 * never stands in a room's way, may be late, and may run twice: whoever knows less writes nothing.
 * The order is its promise: a turn that closed an incident is passed only with its snapshot kept.
 */
export class Persister implements AsyncDisposable {
	readonly #parts: PersisterParts;
	readonly #desks = new Map<DocumentId, Desk>();
	/** The documents in use, each with the time of its last turn (monotonic ms): others leave the memory. */
	readonly #heardAt = new Map<DocumentId, number>();
	readonly #failing = new Set<DocumentId>();
	/** What is in memory of them is not true any more. */
	readonly #anew = new Set<DocumentId>();
	readonly #schedule = new Schedule<DocumentId>((document) => this.#work(document));
	#poll: NodeJS.Timeout | null = null;
	#polling: Promise<void> | null = null;

	constructor(parts: PersisterParts) {
		this.#parts = parts;
	}

	/** Begins with what was missed, also by an earlier run, and looks for more now and then. */
	async start(): Promise<void> {
		this.#poll = setInterval(() => void this.#look(), limits.persisterPollMs);
		await this.#look();
	}

	/** Takes note of a turn. What somebody decided is shown at once, the rest soon. */
	heard({ document, facts }: TurnNotice): void {
		if (facts.some(leavesOut)) this.#anew.add(document);
		this.#heardAt.set(document, performance.now());
		this.#schedule.ask(document, facts.length > 0 ? 0 : limits.projectionPatienceMs);
	}

	/** Waits until everything that is committed now is derived. Throws if that fails. */
	async caughtUp(document: DocumentId): Promise<void> {
		this.#heardAt.set(document, performance.now());
		await this.#schedule.run(document);
	}

	/** Turns are passed over from now on: what is in memory of the document may hold them. */
	openAnew(document: DocumentId): void {
		this.#anew.add(document);
		this.#schedule.ask(document, 0);
	}

	/** A room is let go: its document is kept as a checkpoint and leaves the memory. */
	unloaded(document: DocumentId): void {
		this.#heardAt.delete(document);
		if (this.#desks.has(document)) this.#schedule.ask(document, 0);
	}

	#look(): Promise<void> {
		this.#letGo();
		this.#polling ??= this.#findMissed().finally(() => (this.#polling = null));
		return this.#polling;
	}

	async #findMissed(): Promise<void> {
		try {
			const missed = await findUnprojected(this.#parts.db.sql);
			for (const document of missed) this.#schedule.ask(document, 0);
		} catch (error) {
			this.#parts.log.warn({ err: error }, 'persister cannot look for missed turns');
		}
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
		if (this.#anew.delete(document)) this.#drop(document);
		try {
			const desk = this.#desks.get(document) ?? (await this.#open(document));
			if (desk) await this.#derive(desk);
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
		}
	}

	/** Null for documents that are no incident's room. */
	async #open(document: DocumentId): Promise<Desk | null> {
		const { sql } = this.#parts.db;
		if (!(await isRoom(sql, document))) return null;
		const opened = await this.#parts.opening.open(document);
		if (!opened) return null;
		const follower = Follower.open(document, opened.checkpoint);
		const upTo = opened.quarantine?.turn ?? Infinity;
		const desk = { follower, upTo, written: null, shown: '' };
		this.#desks.set(document, desk);
		return desk;
	}

	async #derive(desk: Desk): Promise<void> {
		const { follower } = desk;
		const { sql } = this.#parts.db;
		for await (const step of follower.advance(sql, desk.upTo)) {
			if (step.isClosing) {
				const { turn, head } = step;
				await keepSnapshot(sql, follower.document, makeSnapshot(follower.doc, { turn, head }));
			}
			for (const turn of step.deletions) await this.#keepVersion(follower.document, turn - 1);
			if (follower.isCheckpointDue) await this.#keepCheckpoint(follower);
		}
		if (follower.turn > (desk.written?.uptoTurn ?? 0)) await this.#project(desk);
		const isWhole = desk.upTo === Infinity;
		if (isWhole && this.#heardAt.has(follower.document)) return;
		if (follower.hasMoved) await this.#keepCheckpoint(follower);
		this.#drop(follower.document);
	}

	/** Keeps the state before somebody deleted much, so that it is there at once when it is wanted. */
	async #keepVersion(document: DocumentId, turn: number): Promise<void> {
		const { sql } = this.#parts.db;
		using follower = Follower.open(document, await newestCheckpoint(sql, document, turn));
		await Array.fromAsync(follower.advance(sql, turn));
		await keepCheckpoint(sql, document, { ...follower.encode(), isLasting: true });
	}

	async #keepCheckpoint(follower: Follower): Promise<void> {
		const { sql } = this.#parts.db;
		const checkpoint = follower.encode();
		await keepCheckpoint(sql, follower.document, checkpoint);
		await thinCheckpoints(sql, follower.document);
		follower.kept(checkpoint);
	}

	async #project(desk: Desk): Promise<void> {
		const { follower } = desk;
		const incident = incidentOfRoom(follower.document);
		const projection = projectIncident(incident, follower.doc, follower);
		desk.written = await writeProjection(this.#parts.db.sql, projection, desk.written);
		const shown = JSON.stringify(projection.incident);
		if (shown === desk.shown) return;
		desk.shown = shown;
		this.#parts.projected?.(incident);
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
		if (this.#poll) clearInterval(this.#poll);
		await Promise.race([this.#end(), pause(limits.persisterEndMs, null, { ref: false })]);
	}

	async #end(): Promise<void> {
		await this.#polling;
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
