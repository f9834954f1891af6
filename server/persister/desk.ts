import type { Sql } from 'postgres';
import { incidentOf, kindOf, type IncidentId } from '#core/ids.ts';
import { readFacts } from '#core/incident/record.ts';
import { foldRetro } from '#core/retro/state.ts';
import { keepCheckpoint, newestCheckpoint, thinCheckpoints } from '#server/storage/checkpoints.ts';
import type { Claim } from '#server/storage/derivations.ts';
import { readHead, sealDocument } from '#server/storage/documents.ts';
import {
	writeProjection,
	type Projection,
	type WrittenProjection,
} from '#server/storage/projection.ts';
import { countPassed } from '#server/storage/quarantines.ts';
import { writeRetro } from '#server/storage/retros.ts';
import { countRemovals } from '#server/storage/removals.ts';
import { hasSnapshot, keepSnapshot } from '#server/storage/snapshots.ts';
import { Follower } from './follower.ts';
import { projectIncident } from './project.ts';
import { projectRetro } from './projectRetro.ts';
import { keepPublished, readLastPublished } from './publishing.ts';
import { makeSnapshot } from './snapshot.ts';

/** What the persister has in memory of a document that is in use. */
export interface Desk {
	readonly follower: Follower;
	/** Where it ends for a document that cannot be opened whole. */
	readonly upTo: number;
	/** How many rows of passed turns were known when it was opened. */
	readonly passed: number;
	/** How many removals were known when what it was opened with was read. */
	readonly removals: number;
	/** What it has projected last. */
	written: (Pick<WrittenProjection, 'uptoTurn'> & Partial<WrittenProjection>) | null;
	/** What lists last knew, to tell only what is new. */
	shown: string;
}

export interface DerivingParts {
	readonly sql: Sql;
	/** Hears that what lists show of an incident has changed. */
	readonly projected: (incident: IncidentId) => void;
}

/** Turns that a desk holds are passed over or rewritten since it was opened. */
export class PastChanged extends Error {}

/**
 * Reads what was committed since, and derives from it what others read: on the way the snapshots of
 * turns that close, checkpoints, and last what lists show. Throws `PastChanged`.
 */
export async function deriveFrom(
	desk: Desk,
	parts: DerivingParts,
	made: Claim['made'],
): Promise<void> {
	const { follower } = desk;
	const { sql } = parts;
	if (made !== 'now') desk.written = null;
	if (made === 'none' && follower.turn > 0) await keepEarlierSnapshots(sql, desk);
	for await (const step of follower.advance(sql, desk.upTo)) {
		if (step.changesPast) await refuseOldPast(sql, desk);
		if (step.isClosing) await keepClosed(sql, desk, step);
		for (const turn of step.deletions) await keepLasting(sql, desk, turn - 1);
		if (follower.isCheckpointDue) await keepState(sql, desk);
	}
	if (kindOf(follower.document) === 'retro') await deriveRetro(sql, desk);
	else if (follower.turn > (desk.written?.uptoTurn ?? 0)) await deriveRoom(parts, desk);
}

/** Keeps a document as it is in memory, so that the next one to open it need not begin at its first turn. */
export async function keepState(sql: Sql, { follower, passed, removals }: Desk): Promise<void> {
	const checkpoint = follower.encode();
	await keepCheckpoint(sql, follower.document, { ...checkpoint, passed, removals });
	await thinCheckpoints(sql, follower.document);
	follower.kept(checkpoint);
}

async function deriveRoom(parts: DerivingParts, desk: Desk): Promise<void> {
	const { follower, removals } = desk;
	const incident = incidentOf(follower.document);
	const projection = { ...projectIncident(incident, follower.doc, follower), removals };
	if (projection.incident.status === 'closed') await seal(parts.sql, desk);
	await project(parts, desk, projection);
}

/** Published versions may have been taken away since, with something that was removed from the incident. */
async function deriveRetro(sql: Sql, desk: Desk): Promise<void> {
	const { follower, removals } = desk;
	const incident = incidentOf(follower.document);
	const { stage, versions } = foldRetro(readFacts(follower.doc));
	await keepPublished(sql, incident, versions);
	if (follower.turn === desk.written?.uptoTurn) return;
	if (stage === 'published') await seal(sql, desk);
	const published = await readLastPublished(sql, incident, versions);
	// Something is removed just now: what was published is kept again, then this is asked for again.
	if (published === 'notKept') return;
	const { turn, at, doc } = follower;
	await writeRetro(sql, projectRetro(incident, { doc, published }, { turn, at, removals }));
	desk.written = { uptoTurn: turn };
}

/** What a desk was opened with may be another by now; the fact that says so tells that it is time to look. */
async function refuseOldPast(sql: Sql, desk: Desk): Promise<void> {
	const { document } = desk.follower;
	const isLeftOut = (await countPassed(sql, document)) !== desk.passed;
	const isRewritten = (await countRemovals(sql, document)) !== desk.removals;
	if (isLeftOut || isRewritten) throw new PastChanged();
}

async function keepClosed(
	sql: Sql,
	{ follower: { document, doc }, removals }: Desk,
	{ turn, head }: { readonly turn: number; readonly head: Uint8Array },
): Promise<void> {
	const snapshot = makeSnapshot(doc, { turn, head }, kindOf(document));
	await keepSnapshot(sql, document, { ...snapshot, removals });
}

/** Keeps the state before somebody deleted much, so that it is there at once when it is wanted. */
async function keepLasting(sql: Sql, desk: Desk, turn: number): Promise<void> {
	const { passed, removals } = desk;
	const { document } = desk.follower;
	using follower = Follower.open(document, await newestCheckpoint(sql, document, turn));
	await Array.fromAsync(follower.advance(sql, turn));
	await keepCheckpoint(sql, document, {
		...follower.encode(),
		...{ passed, removals, isLasting: true },
	});
}

/** Where everything is made anew, so are the snapshots before the checkpoint with which it was opened. */
async function keepEarlierSnapshots(sql: Sql, desk: Desk): Promise<void> {
	const { document, turn } = desk.follower;
	using follower = Follower.open(document, null);
	for await (const step of follower.advance(sql, turn)) {
		if (step.isClosing) await keepClosed(sql, { ...desk, follower }, step);
	}
}

/**
 * A closed incident takes no plain edits, whichever node closed it, and what its record says since
 * stands in a snapshot too. What goes on meanwhile is seen the next time.
 */
async function seal(sql: Sql, desk: Desk): Promise<void> {
	const { document, turn } = desk.follower;
	await sealDocument(sql, document, turn);
	const last = await readHead(sql, document);
	if (last?.turn !== turn || (await hasSnapshot(sql, document, turn))) return;
	await keepClosed(sql, desk, last);
}

async function project(
	{ sql, projected }: DerivingParts,
	desk: Desk,
	projection: Projection,
): Promise<void> {
	const { written } = desk;
	const last = written?.prints ? { uptoTurn: written.uptoTurn, prints: written.prints } : null;
	desk.written = await writeProjection(sql, projection, last);
	const shown = JSON.stringify(projection.incident);
	if (shown === desk.shown) return;
	desk.shown = shown;
	projected(projection.incident.id);
}
