import type { ISql, TransactionSql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';

/**
 * The versions of what is projected of each kind of document. Whoever changes what is projected, or adds
 * to it, raises it: everything older is then made anew in the background.
 */
export const projectionVersions = { room: 1, retro: 2 } as const;
export type ProjectedKind = keyof typeof projectionVersions;

/** Kinds of documents of which something is projected. */
export const projectedKinds = Object.keys(projectionVersions) as ProjectedKind[];

/** The version of what is to be made anew from the first turn on. */
const toBeMadeAnew = -1;

/** What came of asking to derive a document. */
export interface Claim {
	/** Nobody else derives it for a while; else whoever does has been asked to go on with it. */
	readonly isMine: boolean;
	/** How often it has been asked for until now. */
	readonly asks: number;
	readonly isAsked: boolean;
	/** How many rows of its passed turns there are. */
	readonly passed: number;
	/** How often something was removed from its history. */
	readonly removals: number;
	/** How what there is of its projection was made; `none` where there is none or all is to be made anew. */
	readonly made: 'now' | 'earlier' | 'none';
}

/** A document that waits for a persister. */
export interface Asked {
	readonly document: DocumentId;
	/** Somebody works in it; else it is one that was missed. */
	readonly isInUse: boolean;
}

/** Has documents derived by whichever persister comes first. */
export async function askDerivations(sql: ISql, documents: Iterable<DocumentId>): Promise<void> {
	// In one order, or two who ask for the same ones could wait for each other.
	const sorted = [...documents].sort();
	await sql`
		insert into derivations as d (document, asked_at, asks)
		select document, clock_timestamp(), 1 from unnest(${sorted}::uuid[]) document
		on conflict (document) do update set
			asked_at = coalesce(d.asked_at, excluded.asked_at), asks = d.asks + 1, again = false`;
}

/**
 * Asks for the documents that have turns beyond their projection, those that wait the longest first, and
 * for some of those whose projection an older version made; but not for those that cannot be opened
 * whole. What persisters left behind goes.
 */
export async function askMissed(sql: ISql): Promise<void> {
	await sql`
		insert into derivations as d (document, asked_at, asks)
		select m.id, m.at, 1 from documents m
		left join projections p on p.document = m.id
		left join projected_retros r on m.kind = 'retro' and r.incident = m.incident
		left join (select incident, count(*) as kept from retro_versions group by incident) v
			on v.incident = r.incident
		where (m.turn > coalesce(p.turn, 0) or r.version > coalesce(v.kept, 0))
			and not exists (select from quarantines q where q.document = m.id)
		order by m.id
		on conflict (document) do update set
			asked_at = excluded.asked_at, asks = d.asks + 1, again = false
		where d.asked_at is null or d.again`;
	await sql`
		insert into derivations as d (document, asked_at, asks, again)
		select document, clock_timestamp(), 1, true
		from (${outdated(sql)} limit ${limits.askedAgain}) o order by document
		on conflict (document) do update set
			asked_at = excluded.asked_at, asks = d.asks + 1, again = true
		where d.asked_at is null`;
	await sql`
		delete from derivations where document in (
			select document from derivations
			where asked_at is null and held_until < clock_timestamp() - interval '1 minute'
			for update skip locked
		)`;
}

/**
 * Claims some of the documents that wait, and gives them with those that this holder has claimed already:
 * no more together than it can do before its claims end.
 */
export async function claimAsked(
	sql: ISql,
	holder: string,
	most: number,
): Promise<readonly Asked[]> {
	return sql<Asked[]>`
		with free as (
			select document from derivations
			where asked_at is not null and holder is distinct from ${holder}
				and (held_until is null or held_until < clock_timestamp())
			order by again, held_until nulls first, asked_at
			limit greatest(0, ${most}::int - (
				select count(*) from derivations where holder = ${holder} and asked_at is not null))
			for update skip locked
		), claimed as (
			update derivations set holder = ${holder}, held_until = ${claimEnd(sql)}
			where document in (select document from free)
			returning document, asked_at, again
		)
		select document,
			not again and asked_at > now() - ${limits.idleRoomMs}::int * interval '1 ms' as "isInUse"
		from (
			select document, asked_at, again from claimed union all
			select document, asked_at, again from derivations where holder = ${holder} and asked_at is not null
		) mine
		order by again, asked_at`;
}

/**
 * Claims a document for a while, if nobody else has: then whoever has it is asked to derive it again.
 * A claim only shares work out. Whoever goes on beyond its end writes nothing that others do not know.
 */
export async function claimDerivation(
	sql: ISql,
	document: DocumentId,
	holder: string,
): Promise<Claim> {
	const made = sql`
		select case
			when p.version >= ${versionOf(sql)} then 'now' when p.version = ${toBeMadeAnew} then 'none'
			else 'earlier' end
		from projections p join documents m on m.id = p.document where p.document = d.document`;
	const isFree = sql`(d.holder is null or d.holder = ${holder} or d.held_until < clock_timestamp())`;
	const [row] = await sql<[Claim]>`
		insert into derivations as d (document, holder, held_until)
		values (${document}, ${holder}, ${claimEnd(sql)})
		on conflict (document) do update set
			holder = case when ${isFree} then excluded.holder else d.holder end,
			held_until = case when ${isFree} then excluded.held_until else d.held_until end,
			asked_at = case when ${isFree} then d.asked_at
				else coalesce(d.asked_at, clock_timestamp()) end,
			asks = case when ${isFree} then d.asks else d.asks + 1 end,
			again = d.again and ${isFree}
		returning holder = ${holder} as "isMine", asks, asked_at is not null as "isAsked",
			(select count(*) from passed_turns p where p.document = d.document)::int as passed,
			coalesce((select removals from documents where id = d.document), 0) as removals,
			coalesce((${made}), 'none') as made`;
	return row;
}

/** What was asked until a claim is derived; with `isLetGo` others may have the document at once. */
export async function settleDerivation(
	sql: ISql,
	document: DocumentId,
	{ holder, asks, isLetGo }: { holder: string; asks: number; isLetGo: boolean },
): Promise<void> {
	if (isLetGo) {
		await sql`
			with settled as (
				delete from derivations
				where document = ${document} and holder = ${holder} and asks = ${asks} returning document
			)
			update derivations set holder = null, held_until = null
			where document = ${document} and holder = ${holder} and asks <> ${asks}`;
		return;
	}
	await sql`
		update derivations set asked_at = null
		where document = ${document} and holder = ${holder} and asks = ${asks}`;
}

/**
 * Notes that a document is projected up to a turn, by this version; false, and nothing is noted, if it is
 * by a later turn, or up to this one by this version or a newer one.
 */
export async function noteProjection(
	tx: TransactionSql,
	document: DocumentId,
	{ turn, version }: { readonly turn: number; readonly version: number },
): Promise<boolean> {
	const rows = await tx`
		insert into projections as p (document, turn, version)
		values (${document}, ${turn}, ${version})
		on conflict (document) do update set turn = excluded.turn, version = excluded.version
		where (p.turn, p.version) < (excluded.turn, excluded.version)
		returning document`;
	return rows.length > 0;
}

/** Has all documents of a kind derived anew from their first turn on; gives how many there are. */
export async function askAnew(sql: ISql, kinds: readonly ProjectedKind[]): Promise<number> {
	const rows = await sql`
		update projections set version = ${toBeMadeAnew}
		where document in (select id from documents where kind = any(${[...kinds]}::text[]))
		returning document`;
	return rows.length;
}

/** How many documents are projected, and how many of those are still to be made anew. */
export async function countOutdated(sql: ISql): Promise<{ all: number; outdated: number }> {
	const [row] = await sql<[{ all: number; outdated: number }]>`
		select (select count(*) from projections)::int8 as all,
			(select count(*) from (${outdated(sql)}) o)::int8 as outdated`;
	return row;
}

/** The documents whose projection an older version made. */
function outdated(sql: ISql) {
	return sql`
		select p.document from projections p join documents m on m.id = p.document
		where p.version < ${versionOf(sql)}
			and not exists (select from quarantines q where q.document = m.id)`;
}

/** The version of today for the kind of the document `m`; whoever does not know the kind leaves it alone. */
function versionOf(sql: ISql) {
	return sql`coalesce((${JSON.stringify(projectionVersions)}::text::jsonb ->> m.kind)::int, -1)`;
}

function claimEnd(sql: ISql) {
	return sql`clock_timestamp() + ${limits.claimMs}::int * interval '1 ms'`;
}
