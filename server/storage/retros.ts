import type { ISql, Sql, TransactionSql } from 'postgres';
import { retroDocumentOf, roomDocumentOf, type IncidentId, type PersonId } from '#core/ids.ts';
import type { FindingKind } from '#core/retro/flags.ts';
import type { Stage } from '#core/retro/state.ts';
import { noteProjection, projectionVersions } from './derivations.ts';

/** Where a retrospective stands, for lists. Instants are ISO 8601 UTC. */
export interface ProjectedRetro {
	readonly stage: Stage;
	readonly begunAt: string;
	readonly owner: PersonId | null;
	readonly dueAt: string | null;
	readonly reviewers: readonly PersonId[];
	readonly approved: readonly PersonId[];
	/** The last version that was published, 0 if none was. */
	readonly version: number;
	readonly publishedAt: string | null;
	/** Those of the last published version: what is drafted is no result. */
	readonly findings: readonly {
		readonly id: string;
		readonly kind: FindingKind;
		readonly text: string;
		readonly position: number;
	}[];
	/** What its factors name. */
	readonly causes: readonly string[];
}

/** What is derived from a retrospective's document after exactly one turn. */
export interface RetroProjection {
	readonly incident: IncidentId;
	readonly uptoTurn: number;
	readonly uptoAt: string;
	/** How many removals from the history its maker knew of. */
	readonly removals: number;
	readonly retro: ProjectedRetro;
}

/**
 * Writes what lists show of a retrospective, all of it or nothing; false if the store has it of a later
 * turn, or of this one by this version, or something was removed that its maker did not know of.
 */
export async function writeRetro(sql: Sql, projection: RetroProjection): Promise<boolean> {
	const { incident, removals, retro } = projection;
	return sql.begin(async (tx) => {
		const known = await tx`
			select from documents
			where id = ${retroDocumentOf(incident)} and removals = ${removals} for key share`;
		if (known.length === 0) return false;
		const { uptoTurn: turn } = projection;
		const note = { turn, version: projectionVersions.retro };
		if (!(await noteProjection(tx, retroDocumentOf(incident), note))) return false;
		if (!(await writeHead(tx, projection))) return false;
		await tx`delete from projected_findings where incident = ${incident}`;
		await tx`
			insert into projected_findings (incident, id, kind, text, position)
			select ${incident}, id, kind, text, position
			from jsonb_to_recordset(${JSON.stringify(retro.findings)}::text::jsonb)
				as given (id text, kind text, text text, position int)`;
		// What stays is not written again: a month of figures would count as changed.
		const causes = [...retro.causes];
		await tx`
			delete from projected_causes where incident = ${incident} and cause <> all(${causes}::text[])`;
		await tx`
			insert into projected_causes (incident, cause)
			select ${incident}, unnest(${causes}::text[]) on conflict do nothing`;
		return true;
	});
}

async function writeHead(tx: TransactionSql, projection: RetroProjection): Promise<boolean> {
	const { incident, uptoTurn, uptoAt, retro } = projection;
	const rows = await tx`
		insert into projected_retros as kept (
			incident, upto_turn, upto_at, state, begun_at, owner, due_at, reviewers, approved, version,
			published_at, projected_at
		) values (
			${incident}, ${uptoTurn}, ${uptoAt}, ${retro.stage}, ${retro.begunAt}, ${retro.owner},
			${retro.dueAt}, ${[...retro.reviewers]}::uuid[], ${[...retro.approved]}::uuid[],
			${retro.version}, ${retro.publishedAt}, clock_timestamp()
		)
		on conflict (incident) do update set
			upto_turn = excluded.upto_turn, upto_at = excluded.upto_at, state = excluded.state,
			begun_at = excluded.begun_at, owner = excluded.owner, due_at = excluded.due_at,
			reviewers = excluded.reviewers, approved = excluded.approved, version = excluded.version,
			published_at = excluded.published_at, projected_at = excluded.projected_at
		where kept.upto_turn <= excluded.upto_turn
		returning upto_turn`;
	return rows.length > 0;
}

/** A published version: its content never changes, unless something is removed from it for good. */
export interface RetroVersion {
	readonly version: number;
	/** The turn of the retrospective, and that of the incident's room, which it shows. */
	readonly turn: number;
	readonly incidentTurn: number;
	/** ISO 8601 UTC. */
	readonly publishedAt: string;
	readonly publishedBy: PersonId;
	readonly title: string;
	/** The reading of both as canonical JSON, to the letter. */
	readonly content: string;
	/** All words in it, to be searched. */
	readonly text: string;
}

/** The published versions that are kept of a retrospective. */
export async function readVersionNumbers(
	sql: ISql,
	incident: IncidentId,
): Promise<ReadonlySet<number>> {
	const rows = await sql<{ version: number }[]>`
		select version from retro_versions where incident = ${incident}`;
	return new Set(rows.map(({ version }) => version));
}

/** A published version, the last one without a number; null if there is none. */
export async function readVersion(
	sql: ISql,
	incident: IncidentId,
	version: number | null,
): Promise<RetroVersion | null> {
	const [row] = await sql<RetroVersion[]>`
		select version, turn, incident_turn as "incidentTurn", published_by as "publishedBy", title,
			to_char(published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "publishedAt",
			content::text as content, text
		from retro_versions
		where incident = ${incident} and (${version}::int is null or version = ${version})
		order by version desc limit 1`;
	return row ?? null;
}

/**
 * Keeps a published version; whoever makes the same one again changes nothing, and so does whoever did
 * not know of as many removals from either document.
 */
export async function keepVersion(
	sql: ISql,
	incident: IncidentId,
	kept: RetroVersion & { readonly removals: { readonly room: number; readonly retro: number } },
): Promise<void> {
	await sql`
		insert into retro_versions (
			incident, version, turn, incident_turn, published_at, published_by, title, content, text
		)
		select ${incident}, ${kept.version}, ${kept.turn}, ${kept.incidentTurn}, ${kept.publishedAt},
			${kept.publishedBy}, ${kept.title}, ${kept.content}::text::json, ${kept.text}
		from documents room, documents retro
		where room.id = ${roomDocumentOf(incident)} and room.removals = ${kept.removals.room}
			and retro.id = ${retroDocumentOf(incident)} and retro.removals = ${kept.removals.retro}
		for key share
		on conflict do nothing`;
}

/** What was found in published retrospectives; the words around it, with the words that were looked for in «». */
export interface FoundRetro {
	readonly incident: IncidentId;
	readonly number: number;
	readonly title: string;
	readonly version: number;
	/** ISO 8601 UTC. */
	readonly publishedAt: string;
	readonly excerpt: string;
}

/**
 * Looks through the last published version of each retrospective, the best matches first: of words that very many
 * hold, of the `ranked` newest.
 */
export async function searchRetros(
	sql: ISql,
	{
		words,
		most,
		ranked,
	}: { readonly words: string; readonly most: number; readonly ranked: number },
): Promise<readonly FoundRetro[]> {
	const query = sql`websearch_to_tsquery('simple', ${words})`;
	return sql<FoundRetro[]>`
		with matching as (
			select v.incident, v.version, v.title, v.published_at, v.search, v.text from retro_versions v
			where v.search @@ ${query} and not exists (
				select from retro_versions later where later.incident = v.incident and later.version > v.version)
			order by v.published_at desc limit ${ranked}
		), found as (
			select *, ts_rank(search, ${query}) as rank from matching
			order by rank desc, published_at desc limit ${most}
		)
		select f.incident, i.number, f.title, f.version,
			to_char(f.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "publishedAt",
			ts_headline('simple', f.text, ${query}, 'StartSel=«, StopSel=», MaxFragments=1, MaxWords=24') as excerpt
		from found f join incidents i on i.id = f.incident
		order by f.rank desc, f.published_at desc`;
}
