import type { ISql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';

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
			asked_at = coalesce(d.asked_at, excluded.asked_at), asks = d.asks + 1`;
}

/**
 * Asks for the documents that have turns beyond their projection, those that wait the longest
 * first; but not for those that cannot be opened whole. What persisters left behind goes.
 */
export async function askMissed(sql: ISql): Promise<void> {
	await sql`
		insert into derivations as d (document, asked_at, asks)
		select m.id, m.at, 1 from documents m
		left join projected_incidents p on m.kind = 'room' and p.incident = m.incident
		left join projected_retros r on m.kind = 'retro' and r.incident = m.incident
		where (m.turn > coalesce(p.upto_turn, r.upto_turn, 0)
				or r.version > (select count(*) from retro_versions v where v.incident = r.incident))
			and not exists (select from quarantines q where q.document = m.id)
		order by m.id
		on conflict (document) do update set asked_at = excluded.asked_at, asks = d.asks + 1
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
			order by held_until nulls first, asked_at
			limit greatest(0, ${most}::int - (
				select count(*) from derivations where holder = ${holder} and asked_at is not null))
			for update skip locked
		), claimed as (
			update derivations set holder = ${holder}, held_until = ${claimEnd(sql)}
			where document in (select document from free)
			returning document, asked_at
		)
		select document, asked_at > now() - ${limits.idleRoomMs}::int * interval '1 ms' as "isInUse"
		from (
			select document, asked_at from claimed union all
			select document, asked_at from derivations where holder = ${holder} and asked_at is not null
		) mine
		order by asked_at`;
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
	const isFree = sql`(d.holder is null or d.holder = ${holder} or d.held_until < clock_timestamp())`;
	const [row] = await sql<[Claim]>`
		insert into derivations as d (document, holder, held_until)
		values (${document}, ${holder}, ${claimEnd(sql)})
		on conflict (document) do update set
			holder = case when ${isFree} then excluded.holder else d.holder end,
			held_until = case when ${isFree} then excluded.held_until else d.held_until end,
			asked_at = case when ${isFree} then d.asked_at
				else coalesce(d.asked_at, clock_timestamp()) end,
			asks = case when ${isFree} then d.asks else d.asks + 1 end
		returning holder = ${holder} as "isMine", asks, asked_at is not null as "isAsked",
			(select count(*) from passed_turns p where p.document = d.document)::int as passed,
			coalesce((select removals from documents where id = d.document), 0) as removals`;
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

function claimEnd(sql: ISql) {
	return sql`clock_timestamp() + ${limits.claimMs}::int * interval '1 ms'`;
}
