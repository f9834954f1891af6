import type { TransactionSql } from 'postgres';
import { retroDocumentOf, roomDocumentOf, type IncidentId } from '#core/ids.ts';
import { factOf } from '#core/incident/decide.ts';
import { reportOf } from '#core/incident/document.ts';
import { isOver } from '#core/incident/lifecycle.ts';
import { readIncident, type Incident, type NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import type { BeginRetroRequest } from '#core/retro/commands.ts';
import { dueAfter } from '#core/retro/due.ts';
import { prefilledReport } from '#core/retro/prefill.ts';
import { defaultTemplate, type TemplateSection } from '#core/retro/template.ts';
import { writeBlocks } from '#core/retro/writeBlocks.ts';
import { epochMs } from '#core/time.ts';
import { patiently } from '#server/storage/away.ts';
import type { Database } from '#server/storage/database.ts';
import { createDocument, databaseClock, schemaWithRetros } from '#server/storage/documents.ts';
import { needSchema } from '#server/storage/migrate.ts';
import { readTemplate } from '#server/storage/retroTemplate.ts';
import { newTurn } from '#server/sync/journal.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import type { Rooms } from '#server/sync/rooms.ts';
import type { Asker } from '#server/sync/turn/asks.ts';
import { seedEdits } from '#server/sync/turn/facts.ts';

export interface BeginRetroParts {
	readonly db: Database;
	readonly rooms: Pick<Rooms, 'read'>;
	readonly id: () => string;
	readonly nameOf: NameOf;
	/** Hears of its first turn once it is committed. */
	readonly notice: (turn: TurnNotice) => void;
}

/**
 * Begins an incident's retrospective, prefilled from what is known; false if somebody has begun it
 * already. Throws a `Refusal`: also while the incident is not resolved.
 */
export async function beginRetro(
	parts: BeginRetroParts,
	incident: IncidentId,
	{ asker, request }: { readonly asker: Asker; readonly request: BeginRetroRequest },
): Promise<boolean> {
	const names = (person: Parameters<NameOf>[0]): string => person;
	const reading = await patiently(() =>
		parts.rooms.read(roomDocumentOf(incident), (doc) => readIncident(doc, names)),
	);
	if (!isOver(reading.status)) {
		throw new Refusal('conflict', 'A retrospective can be begun once the incident is resolved.');
	}
	const begun = await patiently(() =>
		parts.db.sql.begin((tx) => writeFirstTurn(tx, { parts, incident, reading, asker, request })),
	);
	if (begun) parts.notice(begun);
	return begun !== null;
}

/** Tried again it finds what an earlier try has written. */
async function writeFirstTurn(
	tx: TransactionSql,
	begin: {
		readonly parts: BeginRetroParts;
		readonly incident: IncidentId;
		readonly reading: Incident;
		readonly asker: Asker;
		readonly request: BeginRetroRequest;
	},
): Promise<TurnNotice | null> {
	const { parts, incident, reading, asker, request } = begin;
	const at = await databaseClock(tx);
	const { person, ...keyed } = asker;
	const now = epochMs(at);
	const context = { now, by: person.id, id: parts.id, nameOf: parts.nameOf, ...keyed };
	const { owner = person.kind === 'user' ? person.id : null, due = dueOf(reading, now) } = request;
	const facts = [factOf(context, { kind: 'begun', owner, due })];
	const template: readonly TemplateSection[] = (await readTemplate(tx)) ?? defaultTemplate;
	const edits = seedEdits({
		...{ facts, person: person.id, receivedAt: now },
		write: (doc) => writeBlocks(reportOf(doc), prefilledReport(reading, template)),
	});
	const document = retroDocumentOf(incident);
	const place = await createDocument(tx, document, { ...newTurn(edits), at });
	if (!place) return null;
	await needSchema(tx, schemaWithRetros);
	return { document, turn: place.turn, at: now, edits: edits.length, facts };
}

/** Five business days after it was resolved; after now for one that was long ago. */
function dueOf({ milestones }: Incident, now: number): number {
	const due = dueAfter(milestones.resolved?.at ?? now);
	return due > now ? due : dueAfter(now);
}
