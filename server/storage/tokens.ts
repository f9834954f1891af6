import type { ISql, TransactionSql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import type { Access, Person } from '#core/response/access.ts';

/** A token as people see it: the person that it acts as, and since when. */
export interface TokenRow {
	readonly id: PersonId;
	readonly name: string;
	readonly access: Access;
	readonly createdAt: Date;
}

/** Keeps a token under its SHA-256. The person that it acts as must be there. */
export async function insertToken(
	tx: TransactionSql,
	token: { readonly person: PersonId; readonly digest: Uint8Array; readonly by: PersonId },
): Promise<void> {
	await tx`
		insert into tokens (person, digest, made_by)
		values (${token.person}, ${token.digest}, ${token.by})`;
}

/** Whom the token with this SHA-256 acts as, and the access of who made it. */
export async function findToken(
	sql: ISql,
	digest: Uint8Array,
): Promise<(Person & { readonly makersAccess: Access }) | null> {
	const [row] = await sql<(Person & { makersAccess: Access })[]>`
		select p.id, p.name, p.kind, p.access, maker.access as "makersAccess"
		from tokens t join people p on p.id = t.person join people maker on maker.id = t.made_by
		where t.digest = ${digest} and p.removed_at is null and maker.removed_at is null`;
	return row ?? null;
}

/** The tokens that somebody made, or all of them; the newest first. */
export async function readTokens(sql: ISql, maker: PersonId | 'all'): Promise<TokenRow[]> {
	return sql<TokenRow[]>`
		select p.id, p.name, p.access, p.created_at as "createdAt"
		from tokens t join people p on p.id = t.person
		where ${maker === 'all' ? sql`true` : sql`t.made_by = ${maker}`}
		order by p.created_at desc, p.id`;
}

/** Whom the tokens act as that somebody made. */
export async function readMadeTokens(sql: ISql, maker: PersonId): Promise<PersonId[]> {
	const rows = await sql<{ person: PersonId }[]>`
		select person from tokens where made_by = ${maker}`;
	return rows.map(({ person }) => person);
}

/** Deletes a token, if this maker made it or anybody did. False if there is no such one. */
export async function deleteToken(
	tx: TransactionSql,
	token: PersonId,
	maker: PersonId | 'anybody',
): Promise<boolean> {
	const rows = await tx`
		delete from tokens
		where person = ${token} and ${maker === 'anybody' ? tx`true` : tx`made_by = ${maker}`}
		returning person`;
	return rows.length > 0;
}
