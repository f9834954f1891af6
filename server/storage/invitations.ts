import type { ISql, TransactionSql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import type { Access } from '#core/response/access.ts';
import { limits } from '#server/limits.ts';

/** What an admin offers to whoever has the link. */
export interface Invitation {
	readonly access: Access;
	/** Who the admin thinks of; whoever joins may say it differently. */
	readonly name: string | null;
	readonly email: string | null;
}

/** Keeps an invitation under the SHA-256 of its link's token. */
export async function insertInvitation(
	sql: ISql,
	invitation: Invitation & { readonly digest: Uint8Array; readonly by: PersonId },
): Promise<void> {
	const { digest, access, name, email, by } = invitation;
	await sql`
		insert into invitations (digest, access, name, email, invited_by, expires_at)
		values (
			${digest}, ${access}, ${name}, ${email}, ${by},
			now() + ${limits.invitationMs} * interval '1 ms')`;
}

/** One that can be taken: not used, not expired, and made by somebody who is still an admin. */
const isOpen = (sql: ISql) => sql`
	i.used_at is null and i.expires_at > now() and exists (
		select from people p
		where p.id = i.invited_by and p.access = 'admin' and p.removed_at is null)`;

/** The open invitation with this digest. */
export async function findInvitation(sql: ISql, digest: Uint8Array): Promise<Invitation | null> {
	const [row] = await sql<Invitation[]>`
		select i.access, i.name, i.email from invitations i
		where i.digest = ${digest} and ${isOpen(sql)}`;
	return row ?? null;
}

/** Takes an open invitation, which nobody else can from then on; answers with its access. */
export async function takeInvitation(
	tx: TransactionSql,
	digest: Uint8Array,
): Promise<Access | null> {
	const [row] = await tx<{ access: Access }[]>`
		update invitations i set used_at = now()
		where i.digest = ${digest} and ${isOpen(tx)}
		returning i.access`;
	return row?.access ?? null;
}

/** Keeps who took an invitation. */
export async function nameGuest(
	tx: TransactionSql,
	digest: Uint8Array,
	guest: PersonId,
): Promise<void> {
	await tx`update invitations set used_by = ${guest} where digest = ${digest}`;
}
