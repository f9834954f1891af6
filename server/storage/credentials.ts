import type { TransactionSql } from 'postgres';
import type { PersonId } from '#core/ids.ts';

/** Gives a new person a password, hashed already, in the form in which better-auth looks for it. */
export async function insertPassword(
	tx: TransactionSql,
	person: PersonId,
	hash: string,
): Promise<void> {
	await tx`
		insert into credentials (person, provider, account, password)
		values (${person}, 'credential', ${person}, ${hash})`;
}
