import type { Sql } from 'postgres';
import { roomDocumentOf, type DocumentId, type IncidentId, type PersonId } from '#core/ids.ts';
import type { Incident } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import type { ReviewClock } from '#core/review/clocks.ts';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import { Spoilt } from '#server/opening/bench.ts';
import type { Material } from '#server/opening/material.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { newestCheckpoint } from '#server/storage/checkpoints.ts';
import { readPlace } from '#server/storage/documents.ts';
import { readStretch } from '#server/storage/history.ts';
import { findTurnAt, readTurnTime } from '#server/storage/places.ts';
import { readQuarantine } from '#server/storage/quarantines.ts';
import type { Few } from './few.ts';
import { peopleIn, type NamesParts } from './names.ts';

export interface MomentParts extends NamesParts {
	readonly sql: Sql;
	readonly workbench: Pick<Workbench, 'readMoment' | 'advance'>;
	/** How many moments are read at a time: opening rooms comes first. */
	readonly few: Few;
}

/** Which moment: the end of a turn, an instant in epoch ms, or the end of the last turn. */
export type Wanted = { readonly turn: number } | { readonly at: number } | 'last';

/** An incident at a moment: after which turn that is, of how many, and when (epoch ms). */
export interface MomentRead {
	readonly reading: Incident;
	readonly turn: number;
	readonly at: number;
	readonly lastTurn: number;
}

/**
 * Reads an incident as it was at a moment, from the journal and beside every room. Throws a `Refusal`
 * if there is no such incident, turn or, before the first turn, nothing to read.
 */
export async function readMomentOf(
	parts: MomentParts,
	incident: IncidentId,
	{ wanted, clock }: { wanted: Wanted; clock: ReviewClock },
): Promise<MomentRead> {
	const { sql } = parts;
	const document = roomDocumentOf(incident);
	const place = await readPlace(sql, document);
	if (!place) throw new Refusal('unknown', 'There is no such incident.');
	const lastTurn = (await readQuarantine(sql, document))?.turn ?? place.turn;
	const turn =
		wanted === 'last' ? lastTurn : Math.min(lastTurn, await turnOf(sql, document, wanted));
	if (turn === 0 && clock === 'known') {
		throw new Refusal('invalid', 'The incident was not declared yet then.', 't');
	}
	const at =
		wanted !== 'last' && 'at' in wanted
			? wanted.at
			: epochMs((await readTurnTime(sql, document, turn)) ?? 0);
	const people = await peopleIn(parts, incident);
	const names = Object.fromEntries(people.map(({ id, name }) => [id, name]));
	const reading = await parts.few.run(() =>
		readIn(parts, document, { clock, at, names, turn, lastTurn }),
	);
	return { reading, turn, at, lastTurn };
}

async function turnOf(
	sql: Sql,
	document: DocumentId,
	wanted: Exclude<Wanted, 'last'>,
): Promise<number> {
	// To the millisecond, as everybody else has instants.
	if ('at' in wanted) return findTurnAt(sql, document, wanted.at * 1_000 + 999);
	if ((await readTurnTime(sql, document, wanted.turn)) !== null) return wanted.turn;
	throw new Refusal('invalid', 'There is no such turn.', 'turn');
}

/** Throws a `Refusal` for a moment that takes too much time or memory. */
async function readIn(
	{ sql, workbench }: MomentParts,
	document: DocumentId,
	moment: {
		readonly clock: ReviewClock;
		readonly at: number;
		readonly names: Readonly<Record<PersonId, string>>;
		readonly turn: number;
		readonly lastTurn: number;
	},
): Promise<Incident> {
	const { clock, at, names, turn, lastTurn } = moment;
	const upTo = (last: number) => materialUpTo({ sql, workbench }, document, last);
	const known = await upTo(turn);
	const latest = clock === 'known' ? null : await upTo(lastTurn);
	try {
		return await workbench.readMoment({ clock, at, known, latest, names });
	} catch (error) {
		if (error instanceof Spoilt) throw cannotBeOpened();
		throw error;
	}
}

function cannotBeOpened(): Refusal {
	return new Refusal('conflict', 'This moment cannot be opened.', 't');
}

/** What the document was made of after a turn: a checkpoint, and what follows it; a long way in stretches. */
async function materialUpTo(
	{ sql, workbench }: Pick<MomentParts, 'sql' | 'workbench'>,
	document: DocumentId,
	turn: number,
): Promise<Material> {
	const checkpoint = await newestCheckpoint(sql, document, turn);
	let state = checkpoint?.state ?? null;
	let turns: Uint8Array[][] = [];
	const after = checkpoint?.turn ?? 0;
	for await (const { edits } of readStretch(sql, document, { after, upTo: turn })) {
		turns.push(edits.map(({ bytes }) => bytes));
		if (turns.length < limits.openTurns) continue;
		state = await workbench.advance({ state, turns });
		if (!state) throw cannotBeOpened();
		turns = [];
	}
	return { state, turns };
}
