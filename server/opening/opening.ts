import type { Sql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { dropCheckpoint, newestCheckpoint, type Checkpoint } from '#server/storage/checkpoints.ts';
import { lockDocument, readPlace } from '#server/storage/documents.ts';
import { readTurns, UnreadableTurn, type JournalRow } from '#server/storage/history.ts';
import {
	countPassed,
	endQuarantine,
	keepQuarantine,
	readQuarantine,
	type Quarantine,
} from '#server/storage/quarantines.ts';
import { countRemovals } from '#server/storage/removals.ts';
import type { Material } from './material.ts';
import type { Workbench } from './workshop.ts';

/** What a document is to be made of here, after it was tried elsewhere. */
export interface Opened extends Material {
	/** The newest one that is kept; `state` is of this turn or, in a long history, of a later one. */
	readonly checkpoint: (Checkpoint & { readonly at: number }) | null;
	/** The last turn of the journal, shown or not. */
	readonly turn: number;
	/** How many removals from the history were known before it was read. */
	readonly removals: number;
	/** It cannot be opened whole: this is how it was at an earlier turn. */
	readonly quarantine: Quarantine | null;
}

/** How far a document can be opened, and what is known of why not further. */
interface Found {
	readonly checkpoint: Opened['checkpoint'];
	readonly rows: readonly JournalRow[];
	/** What the checkpoint and the rows come to, tried. */
	readonly material: Material;
	readonly why: string | null;
}

export interface OpeningParts {
	readonly sql: Sql;
	readonly workbench: Workbench;
	readonly log: Logger;
}

/**
 * Opens documents only after they were tried in a process of their own. One that cannot be opened
 * whole is put in quarantine: it is shown as of the last turn that can be, and takes no edits.
 */
export class Opening {
	readonly #parts: OpeningParts;
	readonly #underWay = new Map<DocumentId, Promise<Opened | null>>();

	constructor(parts: OpeningParts) {
		this.#parts = parts;
	}

	/** What a document is made of, tried; null if there is none. Asked twice at once, it is tried once. */
	open(document: DocumentId): Promise<Opened | null> {
		const known = this.#underWay.get(document);
		if (known) return known;
		const opening = this.#open(document).finally(() => {
			if (this.#underWay.get(document) === opening) this.#underWay.delete(document);
		});
		this.#underWay.set(document, opening);
		return opening;
	}

	/** Turns are passed over since: whoever asks from now on is not given what is being opened. */
	openAnew(document: DocumentId): void {
		this.#underWay.delete(document);
	}

	async #open(document: DocumentId): Promise<Opened | null> {
		const { sql } = this.#parts;
		const place = await readPlace(sql, document);
		if (!place) return null;
		const passed = await countPassed(sql, document);
		const removals = await countRemovals(sql, document);
		const known = await readQuarantine(sql, document);
		const isFresh = known !== null && known.triedMsAgo < limits.openAgainMs;
		const found = await this.#find(document, isFresh ? known.turn : Infinity);
		if (!isFresh) await this.#note(document, found, passed);
		// What was found out says nothing of the document without the turns that were left out meanwhile.
		if ((await countPassed(sql, document)) !== passed) return this.#open(document);
		const quarantine = isFresh || found.why !== null ? await readQuarantine(sql, document) : null;
		const end = quarantine ? Math.max(place.turn, turnOf(found)) : turnOf(found);
		return openedOf(found, { turn: end, quarantine, removals });
	}

	/** What a document was made of after a turn. Throws if that cannot be opened any more. */
	async version(document: DocumentId, turn: number): Promise<Opened> {
		const removals = await countRemovals(this.#parts.sql, document);
		const found = await this.#find(document, turn);
		if (found.why !== null || turnOf(found) !== turn) {
			throw new Refusal('conflict', 'This version cannot be opened.', 'turn');
		}
		return openedOf(found, { turn, quarantine: null, removals });
	}

	async #note(document: DocumentId, found: Found, passed: number): Promise<void> {
		const { sql, log } = this.#parts;
		if (found.why !== null) {
			const turn = turnOf(found);
			const quarantine = { turn, why: found.why, passed };
			const isNew = await sql.begin(async (tx) => {
				await lockDocument(tx, document);
				return keepQuarantine(tx, document, quarantine);
			});
			if (isNew) log.error({ document, turn, why: found.why }, 'document is in quarantine');
		} else if (await endQuarantine(sql, document)) {
			log.warn({ document }, 'document can be opened again');
		}
	}

	/** The longest beginning of the journal that can be opened, from the newest checkpoint that can. */
	async #find(document: DocumentId, upTo: number): Promise<Found> {
		const { sql, log } = this.#parts;
		for (;;) {
			const most = Number.isFinite(upTo) ? upTo : undefined;
			const checkpoint = await newestCheckpoint(sql, document, most);
			const { rows, why } = await readRows(sql, document, { after: checkpoint?.turn ?? 0, upTo });
			const found = await this.#longest({ checkpoint, rows, why });
			if (found) return found;
			if (!checkpoint) throw new Error('Not even an empty document can be opened.');
			const { turn } = checkpoint;
			log.error({ document, turn }, 'checkpoint cannot be opened: dropped');
			await dropCheckpoint(sql, document, turn);
		}
	}

	/**
	 * As much of a history as can be opened; null if not even the checkpoint can. A long one is tried in
	 * stretches, each from the state in which the one before ends, so that its length is no fault.
	 */
	async #longest({ checkpoint, rows, why }: Omit<Found, 'material'>): Promise<Found | null> {
		let state = checkpoint?.state ?? null;
		for (let begun = 0; ; begun += limits.openTurns) {
			const stretch = rows.slice(begun, begun + limits.openTurns);
			const isLast = begun + stretch.length >= rows.length;
			const next = isLast ? null : await this.#parts.workbench.advance(materialOf(state, stretch));
			if (next) {
				state = next;
				continue;
			}
			const good = await this.#goodPart(state, stretch);
			if (!good && begun === 0) return null;
			const { length, whyNot } = good ?? { length: 0, whyNot: 'Its state cannot be opened again.' };
			const material = materialOf(state, stretch.slice(0, length));
			const whyNoMore = whyNot ?? (isLast ? why : 'It cannot be gone on from here.');
			return { checkpoint, rows: rows.slice(0, begun + length), material, why: whyNoMore };
		}
	}

	/** Leaves out the turn that fails and those after it, until the rest can be opened; null if nothing can. */
	async #goodPart(
		state: Uint8Array | null,
		stretch: readonly JournalRow[],
	): Promise<{ length: number; whyNot: string | null } | null> {
		let whyNot: string | null = null;
		for (let length = stretch.length; ;) {
			const verdict = await this.#parts.workbench.try(materialOf(state, stretch.slice(0, length)));
			if (verdict.isGood) return { length, whyNot };
			if (length === 0 || verdict.at === 0) return null;
			whyNot ??= verdict.why;
			// Where only the whole fails, nobody knows which turn is to blame.
			length = verdict.at > length ? 0 : verdict.at - 1;
		}
	}
}

function materialOf(state: Uint8Array | null, rows: readonly JournalRow[]): Material {
	return { state, turns: rows.map(({ edits }) => edits.map(({ bytes }) => bytes)) };
}

/** The last turn of what was found. */
function turnOf({ checkpoint, rows }: Found): number {
	return rows.at(-1)?.turn ?? checkpoint?.turn ?? 0;
}

function openedOf(
	{ checkpoint, material }: Found,
	what: Pick<Opened, 'turn' | 'quarantine' | 'removals'>,
): Opened {
	return { ...material, checkpoint, ...what };
}

/** The turns after one, up to another or the first that cannot be read. */
async function readRows(
	sql: Sql,
	document: DocumentId,
	{ after, upTo }: { after: number; upTo: number },
): Promise<{ rows: JournalRow[]; why: string | null }> {
	const rows: JournalRow[] = [];
	try {
		for await (const row of readTurns(sql, document, after)) {
			if (row.turn > upTo) break;
			rows.push(row);
		}
		return { rows, why: null };
	} catch (error) {
		if (!(error instanceof UnreadableTurn)) throw error;
		return { rows, why: error.turn > upTo ? null : error.message };
	}
}
