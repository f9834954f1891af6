import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';

/** A cause that is offered to choose from, and how many incidents name it in what is published. */
export interface Cause {
	readonly name: string;
	readonly description: string;
	/** Epoch ms; null while it is offered. */
	readonly retiredAt: number | null;
	readonly used: number;
}

/** The causes of the list, those that are offered first, each group by name. */
export async function readCauses(sql: ISql, most: number): Promise<readonly Cause[]> {
	return sql<Cause[]>`
		select c.name, c.description, (extract(epoch from c.retired_at) * 1000)::int8 as "retiredAt",
			(select count(*) from projected_causes p where p.cause = c.name)::int as used
		from causes c order by c.retired_at is not null, lower(c.name), c.name limit ${most}`;
}

/** Causes that incidents name and that are not in the list, the most used first. */
export async function readFreeCauses(
	sql: ISql,
	most: number,
): Promise<readonly Pick<Cause, 'name' | 'used'>[]> {
	return sql<Pick<Cause, 'name' | 'used'>[]>`
		select name, used from (
			select cause as name, count(*)::int as used from projected_causes group by cause
		) counted
		where not exists (select from causes c where c.name = counted.name)
		order by used desc, name limit ${most}`;
}

/** Adds a cause to the list. False if there is one of this name. */
export async function insertCause(
	sql: ISql,
	{ name, description }: Pick<Cause, 'name' | 'description'>,
): Promise<boolean> {
	const rows = await sql`
		insert into causes (name, description) values (${name}, ${description})
		on conflict (name) do nothing returning name`;
	return rows.length > 0;
}

/** Describes a cause anew, retires it or offers it again. False if there is none of this name. */
export async function updateCause(
	sql: ISql,
	name: string,
	{
		description,
		isRetired,
	}: { readonly description?: string | undefined; readonly isRetired?: boolean | undefined },
): Promise<boolean> {
	const rows = await sql`
		update causes set description = coalesce(${description ?? null}, description),
			retired_at = case ${isRetired ?? null}::boolean
				when true then coalesce(retired_at, now()) when false then null else retired_at end
		where name = ${name} returning name`;
	return rows.length > 0;
}

/** What the published retrospectives of some incidents name as causes. */
export async function readCausesOf(
	sql: ISql,
	incidents: readonly IncidentId[],
): Promise<readonly { readonly incident: IncidentId; readonly cause: string }[]> {
	return sql<{ incident: IncidentId; cause: string }[]>`
		select incident, cause from projected_causes
		where incident = any(${[...incidents]}::uuid[]) order by cause`;
}

/**
 * Takes managed causes away whose name holds a text, that an incident names, also in what is `drafted`, and that
 * no other one has published: what is removed from one is no reason to change what the others have.
 */
export async function removeFromCauses(
	tx: TransactionSql,
	incident: IncidentId,
	{ needle, drafted }: { readonly needle: string; readonly drafted: readonly string[] },
): Promise<void> {
	await tx`
		delete from causes c where strpos(name, ${needle}) > 0
			and (c.name = any(${[...drafted]}::text[]) or exists (
				select from projected_causes p where p.incident = ${incident} and p.cause = c.name))
			and not exists (
				select from projected_causes p where p.incident <> ${incident} and p.cause = c.name)`;
}
