import type { Sql } from 'postgres';
import { retroDocumentOf, type IncidentId } from '#core/ids.ts';
import { actionKindNames } from '#core/learning/actions.ts';
import { mostActions, type BundledAction } from '#core/review/export/bundledActions.ts';
import type { ExportedRetro } from '#core/retro/export/exported.ts';
import { readRetro, type Retro } from '#core/retro/reading.ts';
import { retold } from '#core/retro/retold.ts';
import { readContent, type PublishedContent } from '#server/persister/publishing.ts';
import { readActions, type Action } from '#server/storage/actions.ts';
import { patiently } from '#server/storage/away.ts';
import { readHead } from '#server/storage/documents.ts';
import { readVersion } from '#server/storage/retros.ts';
import type { HistoryEnd } from './bundleHistory.ts';
import { headAt, type TakenOut, type TakeOutParts } from './takeOut.ts';

/** What was learnt from an incident, to be taken out with it. */
export interface Learning {
	/** The retrospective as it is now, and what was published of it last; null if none was begun. */
	readonly retro: (HistoryEnd & { now: Retro; published: PublishedContent | null }) | null;
	readonly actions: readonly Action[];
}

/** An incident of which nothing was learnt yet. */
export const nothingLearnt: Learning = { retro: null, actions: [] };

/** What was learnt from an incident, as it is now. Taken before the incident is, which it may name a turn of. */
export async function takeLearning(
	parts: Pick<TakeOutParts, 'sql' | 'rooms'>,
	incident: IncidentId,
): Promise<Learning> {
	return patiently(async () => ({
		retro: await retroOf(parts, incident),
		actions: await readActions(parts.sql, { incidents: [incident] }, mostActions),
	}));
}

async function retroOf(
	{ sql, rooms }: Pick<TakeOutParts, 'sql' | 'rooms'>,
	incident: IncidentId,
): Promise<Learning['retro']> {
	const document = retroDocumentOf(incident);
	if (!(await readHead(sql, document))) return null;
	const { now, turn } = await rooms.read(document, (doc, last) => ({
		now: readRetro(doc),
		turn: last,
	}));
	const published = await publishedOf(sql, incident);
	return { document, turn, head: await headAt(sql, document, turn), now, published };
}

async function publishedOf(sql: Sql, incident: IncidentId): Promise<PublishedContent | null> {
	const version = await readVersion(sql, incident, null);
	return version && readContent(version.content);
}

/** The retrospective as people read it: what was published last, or the draft while nothing was. */
export function exportedRetro(
	{ retro, actions }: Learning,
	{ number, url, reading, nameOf, at }: TakenOut,
): ExportedRetro | null {
	if (!retro) return null;
	const { published, now } = retro;
	return {
		...{ number, url: `${url}/retro`, nameOf, at },
		version: published?.retro.versions.at(-1) ?? null,
		retro: published?.retro ?? now,
		incident: published ? retold(published.incident, reading) : reading,
		actions: actions.map(({ title, kind, owner, dueOn, state, link }) => ({
			...{ title, owner, dueOn, state, link },
			kind: actionKindNames[kind],
		})),
	};
}

/** Action items as a bundle tells them: their owners by name, as they are nobody elsewhere. */
export function bundledActions(
	{ actions }: Learning,
	{ nameOf }: Pick<TakenOut, 'nameOf'>,
): readonly BundledAction[] {
	return actions.map(({ title, kind, state, owner, dueOn, link, takenFrom, madeAt, endedAt }) => ({
		...{ title, kind, state, dueOn, link, takenFrom, madeAt, endedAt },
		owner: owner && nameOf(owner),
	}));
}
