import type { ISql, TransactionSql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import type { Access, Person } from '#core/response/access.ts';

/** Everybody there ever was; who was removed keeps the name, and no more than a viewer's access. */
export async function readPeople(sql: ISql): Promise<Person[]> {
	return sql<Person[]>`
		select id, name, kind, case when removed_at is null then access else 'viewer' end as access
		from people order by created_at, id`;
}

/** Those who are new, have changed or were removed within the last so many ms, as in `readPeople`. */
export async function readChangedPeople(
	sql: ISql,
	withinMs: number,
): Promise<(Person & { readonly isRemoved: boolean })[]> {
	return sql<(Person & { isRemoved: boolean })[]>`
		select id, name, kind, removed_at is not null as "isRemoved",
			case when removed_at is null then access else 'viewer' end as access
		from people where updated_at > now() - ${withinMs} * interval '1 ms'`;
}

/** Adds somebody. Null if a person with this e-mail address is here already. */
export async function insertPerson(
	tx: TransactionSql,
	person: Person & { readonly email: string | null },
): Promise<Person | null> {
	const [row] = await tx<Person[]>`
		insert into people (id, kind, name, email, access)
		values (${person.id}, ${person.kind}, ${person.name}, ${person.email}, ${person.access})
		on conflict (email) do nothing
		returning id, name, kind, access`;
	return row ?? null;
}

/** All people who are admins; until the transaction ends, nobody else changes that they are. */
export async function lockAdmins(tx: TransactionSql): Promise<PersonId[]> {
	const rows = await tx<{ id: PersonId }[]>`
		select id from people
		where kind = 'user' and access = 'admin' and removed_at is null
		order by id for update`;
	return rows.map(({ id }) => id);
}

/** Gives a user another access. Null if there is no such user. */
export async function updateAccess(
	tx: TransactionSql,
	person: PersonId,
	access: Access,
): Promise<Person | null> {
	const [row] = await tx<Person[]>`
		update people set access = ${access}, updated_at = now()
		where id = ${person} and kind = 'user' and removed_at is null
		returning id, name, kind, access`;
	return row ?? null;
}

/**
 * Forgets who somebody was: the row stays, as what they wrote names it by its id, and says nothing of them
 * any more. It counts as Muster's own, so that nobody is offered as somebody who could do something. What
 * opened the door to them goes; gives the sessions that ended, null if there is no such person.
 */
export async function forgetPerson(
	tx: TransactionSql,
	person: PersonId,
	name: string,
): Promise<{ readonly person: Person; readonly sessions: readonly string[] } | null> {
	const [before] = await tx<{ email: string | null }[]>`
		select email from people where id = ${person} and kind = 'user' for update`;
	if (!before) return null;
	await tx`
		with ended as (delete from tokens where made_by = ${person} returning person)
		update people set removed_at = now(), updated_at = now() where id in (select person from ended)`;
	await tx`delete from credentials where person = ${person}`;
	await tx`
		update invitations set name = null, email = null,
			expires_at = case when used_at is null then now() else expires_at end
		where used_by = ${person} or lower(email) = lower(${before.email})`;
	const sessions = await tx<{ id: string }[]>`
		delete from sessions where person = ${person} returning id`;
	const [row] = await tx<[Person]>`
		update people set name = ${name}, email = null, email_verified = false, image = null,
			kind = 'system', access = 'viewer', removed_at = now(), updated_at = now()
		where id = ${person} returning id, name, kind, access`;
	return { person: row, sessions: sessions.map(({ id }) => id) };
}

/** A person or token that is here, and was not removed. */
export async function findSomebodyHere(sql: ISql, person: PersonId): Promise<Person | null> {
	const [row] = await sql<Person[]>`
		select id, name, kind, access from people
		where id = ${person} and kind <> 'system' and removed_at is null`;
	return row ?? null;
}

/** The person with this e-mail address. */
export async function findByEmail(sql: ISql, email: string): Promise<PersonId | null> {
	const [row] = await sql<{ id: PersonId }[]>`
		select id from people where email = ${email.toLowerCase()}`;
	return row?.id ?? null;
}

/** Takes somebody out: the row stays, as what they wrote names them. Null if there is no such person. */
export async function removePerson(tx: TransactionSql, person: PersonId): Promise<Person | null> {
	const [row] = await tx<Person[]>`
		update people set removed_at = now(), updated_at = now() where id = ${person}
		returning id, name, kind, 'viewer' as access`;
	return row ?? null;
}
