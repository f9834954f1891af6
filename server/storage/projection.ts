import { createHash } from 'node:crypto';
import postgres, { type ISql, type Sql, type TransactionSql } from 'postgres';
import {
	incidentOf,
	kindOf,
	roomDocumentOf,
	type DocumentId,
	type IncidentId,
	type PersonId,
} from '#core/ids.ts';
import {
	isOver,
	statuses,
	type Kind,
	type Milestone,
	type Origin,
	type Severity,
	type Status,
} from '#core/incident/lifecycle.ts';
import type { Role } from '#core/incident/roles.ts';
import { noteProjection, projectionVersions } from './derivations.ts';

/** An incident as lists and metrics see it. Instants are ISO 8601 UTC. */
export interface ProjectedIncident {
	readonly id: IncidentId;
	readonly number: number;
	readonly title: string;
	readonly kind: Kind;
	readonly origin: Origin;
	readonly severity: Severity | null;
	readonly highestSeverity: Severity | null;
	readonly status: Status;
	readonly declaredAt: string;
	readonly declaredBy: PersonId | null;
	readonly commander: PersonId | null;
	/** Roles of the room's header that nobody holds. */
	readonly emptyRoles: readonly Role[];
	/** The beginning of what customers notice. */
	readonly impact: string;
	readonly milestones: Readonly<Partial<Record<Milestone, string>>>;
}

/** The tables that belong to an incident's row. */
const partTables = [
	'projected_entries',
	'projected_tasks',
	'projected_roles',
	'projected_statuses',
	'projected_severities',
	'projected_milestones',
	'projected_measures',
	'projected_downtimes',
	'projected_services',
] as const;
export type PartTable = (typeof partTables)[number];

/** A row of a part, with the names of its columns in camel case. */
export type PartRow = Readonly<Record<string, string | number | boolean | null>>;

/** Everything that is derived from an incident's document after exactly one turn. */
export interface Projection {
	readonly uptoTurn: number;
	/** ISO 8601 UTC. */
	readonly uptoAt: string;
	readonly incident: ProjectedIncident;
	readonly parts: Readonly<Record<PartTable, readonly PartRow[]>>;
	/** How many removals from the history its maker knew of. */
	readonly removals?: number;
	/** Of the projection that made it; today's unless given. */
	readonly version?: number;
}

/** What a writer remembers of its last projection, to leave alone the parts that stayed as they were. */
export interface WrittenProjection {
	readonly uptoTurn: number;
	readonly prints: Readonly<Record<PartTable, string>>;
}

/**
 * Writes a projection, all of it or nothing; null if the store has one of a later turn, or of this one by
 * the same version or a newer one, or if something was removed that its maker did not know of.
 * `last` is what the same writer wrote before, if it did.
 */
export async function writeProjection(
	sql: Sql,
	projection: Projection,
	last: WrittenProjection | null,
): Promise<WrittenProjection | null> {
	const { id } = projection.incident;
	return sql.begin(async (tx) => {
		if (!(await knowsRemovals(tx, projection))) return null;
		const { uptoTurn: turn, version = projectionVersions.room } = projection;
		if (!(await noteProjection(tx, roomDocumentOf(id), { turn, version }))) return null;
		const before = await lockProjection(tx, id);
		if (!(await writeIncident(tx, projection))) return null;
		const isMine = last !== null && last.uptoTurn === before;
		const prints: Partial<Record<PartTable, string>> = {};
		for (const table of partTables) {
			const json = JSON.stringify(projection.parts[table].map((row) => columnsOf(id, row)));
			const print = createHash('sha256').update(json).digest('base64');
			if (!isMine || last.prints[table] !== print) await writePart(tx, { table, id, json });
			prints[table] = print;
		}
		return {
			uptoTurn: projection.uptoTurn,
			prints: prints as Record<PartTable, string>,
		};
	});
}

/** Writes the first projections of incidents that nobody else knows yet. */
export async function insertProjections(
	tx: TransactionSql,
	projections: readonly Projection[],
): Promise<void> {
	const version = projectionVersions.room;
	const documents = projections.map(({ incident }) => roomDocumentOf(incident.id));
	await tx`
		insert into projections (document, turn, version)
		select document, turn, ${version} from unnest(
			${documents}::uuid[], ${projections.map(({ uptoTurn }) => uptoTurn)}::int8[]
		) as given (document, turn)`;
	for (const projection of projections) await writeIncident(tx, projection);
	for (const table of partTables) {
		const rows = projections.flatMap(({ incident, parts }) =>
			parts[table].map((row) => columnsOf(incident.id, row)),
		);
		await tx`
			insert into ${tx(table)} select given.*
			from jsonb_populate_recordset(null::${tx(table)}, ${JSON.stringify(rows)}::text::jsonb) given`;
	}
}

/** While this transaction goes on nothing is removed. */
async function knowsRemovals(
	tx: TransactionSql,
	{ incident, removals = 0 }: Projection,
): Promise<boolean> {
	const rows = await tx`
		select from documents where id = ${roomDocumentOf(incident.id)} and removals = ${removals}
		for key share`;
	return rows.length > 0;
}

async function lockProjection(tx: TransactionSql, incident: IncidentId): Promise<number | null> {
	const [row] = await tx<{ turn: number }[]>`
		select upto_turn as turn from projected_incidents where incident = ${incident} for update`;
	return row?.turn ?? null;
}

/** False if the row is of a later turn: an older node has written it meanwhile. */
async function writeIncident(tx: TransactionSql, projection: Projection): Promise<boolean> {
	const { incident, uptoTurn, uptoAt } = projection;
	const rows = await tx`
		insert into projected_incidents (
			incident, upto_turn, upto_at, number, title, kind, origin, severity, highest_severity,
			status, declared_at, declared_by, commander, empty_roles, impact, milestones, projected_at
		) values (
			${incident.id}, ${uptoTurn}, ${uptoAt},
			-- Its own here, whatever its record says: it may be imported.
			(select number from incidents where id = ${incident.id}), ${incident.title},
			${incident.kind}, ${incident.origin}, ${incident.severity}, ${incident.highestSeverity},
			${incident.status}, ${incident.declaredAt}, ${incident.declaredBy}, ${incident.commander},
			${[...incident.emptyRoles]}::text[], ${incident.impact}, ${tx.json(incident.milestones)},
			clock_timestamp()
		)
		on conflict (incident) do update set
			upto_turn = excluded.upto_turn, upto_at = excluded.upto_at, number = excluded.number,
			title = excluded.title, kind = excluded.kind, origin = excluded.origin,
			severity = excluded.severity, highest_severity = excluded.highest_severity,
			status = excluded.status, declared_at = excluded.declared_at,
			declared_by = excluded.declared_by, commander = excluded.commander,
			empty_roles = excluded.empty_roles, impact = excluded.impact,
			milestones = excluded.milestones, projected_at = excluded.projected_at
		where projected_incidents.upto_turn <= excluded.upto_turn
		returning upto_turn`;
	return rows.length > 0;
}

/** The row as JSON of its table's own type, which names the columns: all tables need one statement. */
function columnsOf(incident: IncidentId, row: PartRow): Record<string, unknown> {
	const columns: Record<string, unknown> = { incident };
	for (const [name, value] of Object.entries(row)) columns[postgres.fromCamel(name)] = value;
	return columns;
}

/** Makes a part be exactly these rows; those that are there already are not touched. */
async function writePart(
	tx: TransactionSql,
	{ table, id, json }: { table: PartTable; id: IncidentId; json: string },
): Promise<void> {
	await tx`
		delete from ${tx(table)} kept where incident = ${id} and not exists (
			select from jsonb_populate_recordset(null::${tx(table)}, ${json}::text::jsonb) given
			where given = kept
		)`;
	await tx`
		insert into ${tx(table)}
		select given.* from jsonb_populate_recordset(null::${tx(table)}, ${json}::text::jsonb) given
		on conflict do nothing`;
}

/** Which incidents a list asks for: those under way, those with something in the last 30 days, or all. */
export type BoardState = 'open' | 'recent' | 'all';

/** Incidents for lists, the newest first. */
export async function readBoard(
	sql: ISql,
	{
		state,
		service,
		limit = 200,
	}: { state: BoardState; service?: string | undefined; limit?: number },
): Promise<readonly ProjectedIncident[]> {
	const open = statuses.filter((status) => !isOver(status));
	return sql<ProjectedIncident[]>`
		select ${columns(sql)} from projected_incidents p
		where case ${state}::text
			when 'open' then status = any(${open}::text[])
			when 'recent' then upto_at > now() - interval '30 days'
			else true
		end and (${service ?? null}::text is null or exists (
			select from projected_services s where s.incident = p.incident and s.service = ${service ?? null}))
		order by number desc limit ${limit}`;
}

/** Some incidents for lists, in no order; those that are not projected yet are left out. */
export async function readProjected(
	sql: ISql,
	incidents: readonly IncidentId[],
): Promise<readonly ProjectedIncident[]> {
	return sql<ProjectedIncident[]>`
		select ${columns(sql)} from projected_incidents
		where incident = any(${[...incidents]}::uuid[])`;
}

function columns(sql: ISql) {
	return sql`
		incident as id, number, title, kind, origin, severity, status,
		highest_severity as "highestSeverity",
		to_char(declared_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "declaredAt",
		declared_by as "declaredBy", commander, empty_roles as "emptyRoles", impact, milestones`;
}

/** An incident whose row was written, and when, as a word that differs from time to time. */
export interface ProjectedAt {
	readonly incident: IncidentId;
	readonly at: string;
}

/** The incidents that any process projected within the last so many ms. */
export async function readProjectedLately(
	sql: ISql,
	withinMs: number,
): Promise<readonly ProjectedAt[]> {
	return sql<ProjectedAt[]>`
		select incident, projected_at::text as at from projected_incidents
		where projected_at > clock_timestamp() - ${withinMs}::int * interval '1 ms'`;
}

/** Whether lists show all turns of a document up to this one. */
export async function isProjected(sql: ISql, document: DocumentId, turn: number): Promise<boolean> {
	const table = kindOf(document) === 'room' ? 'projected_incidents' : 'projected_retros';
	const rows = await sql`
		select from ${sql(table)} where incident = ${incidentOf(document)} and upto_turn >= ${turn}`;
	return rows.length > 0;
}
