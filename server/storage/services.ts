import type { ISql } from 'postgres';

/** A service that incidents concern or that an admin has named. */
export interface KnownService {
	readonly name: string;
	/** Which team looks after it. */
	readonly team: string | null;
	/** How many incidents say that they concern it. */
	readonly incidents: number;
	/** Whether it is kept here also while no incident concerns it. */
	readonly isKept: boolean;
}

/** All services, by their names. */
export async function readServices(sql: ISql): Promise<readonly KnownService[]> {
	return sql<KnownService[]>`
		select name, k.team, coalesce(s.incidents, 0)::int as incidents, k.name is not null as "isKept"
		from (
			select service as name, count(*) as incidents from projected_services group by service
		) s full join services k using (name)
		order by lower(name), name`;
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
