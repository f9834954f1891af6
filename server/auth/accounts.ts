import { randomUUID } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Access, Person } from '#core/response/access.ts';
import { insertPassword } from '#server/storage/credentials.ts';
import { insertPerson } from '#server/storage/people.ts';

/** With what somebody signs in. The e-mail address is in lower case. */
export interface Credentials {
	readonly email: string;
	readonly password: string;
}

/** What somebody who is new says of themselves. */
export interface NewAccount extends Credentials {
	readonly name: string;
}

/** Adds a person with their password. Throws a `Refusal` if the e-mail address is taken. */
export async function createAccount(
	tx: TransactionSql,
	account: NewAccount & { readonly access: Access; readonly hash: string },
): Promise<Person> {
	const { name, email, access, hash } = account;
	const id = randomUUID() as string as PersonId;
	const person = await insertPerson(tx, { id, kind: 'user', name, email, access });
	if (!person) {
		throw new Refusal('conflict', 'Somebody with this e-mail address is here already.', 'email');
	}
	await insertPassword(tx, id, hash);
	return person;
}
