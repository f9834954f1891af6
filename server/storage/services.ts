import type { ISql } from 'postgres';

/** A service that incidents concern or that an admin has named. */
export interface KnownService {
	readonly name: string;
	/** Which team looks after it. */
	readonly team: string | null;
	/** How many incidents say that they concern it; null where nobody asked. */
	readonly incidents: number | null;
	/** Whether it is kept here also while no incident concerns it. */
	readonly isKept: boolean;
}

/** All services, by their names; counted alone of very many incidents takes its time. */
export async function readServices(
	sql: ISql,
	{ areCounted }: { readonly areCounted: boolean },
): Promise<readonly KnownService[]> {
	const named = areCounted ? countedServices(sql) : namedServices(sql);
	return sql<KnownService[]>`
		select name, k.team, ${areCounted ? sql`coalesce(s.incidents, 0)::int` : sql`null`} as incidents,
			k.name is not null as "isKept"
		from (${named}) s full join services k using (name)
		order by lower(name), name`;
}

function countedServices(sql: ISql) {
	return sql`select service as name, count(*) as incidents from projected_services group by service`;
}

/** From each name to the next one: an index has them in order, and need not be read whole. */
function namedServices(sql: ISql) {
	return sql`
		with recursive names as (
			select min(service) as name from projected_services
			union all
			select (select min(s.service) from projected_services s where s.service > names.name)
			from names where name is not null
		)
		select name from names where name is not null`;
}

/** Keeps a service with its team; null for none. */
export async function putService(
	sql: ISql,
	{ name, team }: { readonly name: string; readonly team: string | null },
): Promise<void> {
	await sql`
		insert into services (name, team) values (${name}, ${team})
		on conflict (name) do update set team = excluded.team`;
}

/** Forgets what was kept of a service; incidents that concern it still do. */
export async function dropService(sql: ISql, name: string): Promise<void> {
	await sql`delete from services where name = ${name}`;
}
