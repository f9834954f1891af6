import type { Sql } from 'postgres';
import {
	retroDocumentOf,
	roomDocumentOf,
	type DocumentId,
	type IncidentId,
	type PersonId,
} from '#core/ids.ts';
import { readIncident, type Incident } from '#core/incident/reading.ts';
import { readPublished, type Retro } from '#core/retro/reading.ts';
import { wordsOfRetro } from '#core/retro/words.ts';
import type { PublishedVersion } from '#core/retro/state.ts';
import { newestCheckpoint } from '#server/storage/checkpoints.ts';
import { findTurnAt } from '#server/storage/places.ts';
import { countRemovals } from '#server/storage/removals.ts';
import { keepVersion, readVersion, readVersionNumbers } from '#server/storage/retros.ts';
import { Follower } from './follower.ts';
import { canonicalJson, storableInstant, storableText } from './storable.ts';

/** What a published version holds. People stand in it by their ids. */
export interface PublishedContent {
	readonly retro: Retro;
	/** The incident as of the turn that it names. */
	readonly incident: Incident;
}

/** What a kept version holds. Earlier releases noted who had approved it, and not which text. */
export function readContent(json: string): PublishedContent {
	// Written here, and a digest stands over none of it: it is what the journals say.
	const { retro, incident } = JSON.parse(json) as PublishedContent & {
		readonly retro: Partial<Retro> & { readonly approved?: readonly PersonId[] };
	};
	const approvals = retro.approved?.map((by) => ({ by, written: null }));
	return { incident, retro: approvals ? { ...retro, approvals, written: 0 } : retro };
}

/** The last of these versions as it was published, null if there is none. */
export async function readLastPublished(
	sql: Sql,
	incident: IncidentId,
	versions: readonly PublishedVersion[],
): Promise<Retro | 'notKept' | null> {
	const last = versions.at(-1);
	if (!last) return null;
	const kept = await readVersion(sql, incident, last.version);
	return kept ? readContent(kept.content).retro : 'notKept';
}

/** Keeps those published versions of a retrospective that are not kept yet. */
export async function keepPublished(
	sql: Sql,
	incident: IncidentId,
	versions: readonly PublishedVersion[],
): Promise<void> {
	if (versions.length === 0) return;
	const kept = await readVersionNumbers(sql, incident);
	for (const version of versions) {
		if (!kept.has(version.version)) await keepOne(sql, incident, version);
	}
}

async function keepOne(
	sql: Sql,
	incident: IncidentId,
	{ version, at, by, incidentTurn }: PublishedVersion,
): Promise<void> {
	const [room, retro] = [roomDocumentOf(incident), retroDocumentOf(incident)];
	// Counted before anything is read: what is removed from here on is not to come back with it.
	const removals = { room: await countRemovals(sql, room), retro: await countRemovals(sql, retro) };
	const { turn, published } = await findPublished(sql, retro, { version, at });
	const content: PublishedContent = {
		retro: published,
		incident: await readAt(sql, { document: room, turn: incidentTurn }, (doc) =>
			readIncident(doc, (person) => person),
		),
	};
	await keepVersion(sql, incident, {
		...{ version, turn, incidentTurn, removals },
		publishedAt: storableInstant(at),
		publishedBy: by,
		title: storableText(content.incident.title),
		content: canonicalJson(content),
		text: storableText(wordsOfRetro(content.retro, content.incident), mostWords),
	});
}

/** A text's index may take no more than a megabyte. */
const mostWords = 200_000;

/** The turn that published a version (at epoch ms), found by its fact: further turns may be of the same millisecond. */
async function findPublished(
	sql: Sql,
	document: DocumentId,
	{ version, at }: Pick<PublishedVersion, 'version' | 'at'>,
): Promise<{ readonly turn: number; readonly published: Retro }> {
	const before = await findTurnAt(sql, document, at * 1_000 - 1);
	using follower = Follower.open(document, await newestCheckpoint(sql, document, before));
	// A turn in which the server wrote facts ends a step.
	for await (const { turn } of follower.advance(sql)) {
		const published = readPublished(follower.doc, version);
		if (published) return { turn, published };
	}
	throw new Error(`The turn that published version ${version} is not there.`);
}

async function readAt<T>(
	sql: Sql,
	{ document, turn }: { readonly document: DocumentId; readonly turn: number },
	read: (doc: Follower['doc']) => T,
): Promise<T> {
	using follower = Follower.open(document, await newestCheckpoint(sql, document, turn));
	await Array.fromAsync(follower.advance(sql, turn));
	return read(follower.doc);
}
