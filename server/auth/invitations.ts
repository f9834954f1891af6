import type { Sql } from 'postgres';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import {
	findInvitation,
	insertInvitation,
	nameGuest,
	takeInvitation,
	type Invitation,
} from '#server/storage/invitations.ts';
import { createAccount, type NewAccount } from './accounts.ts';
import type { Passwords } from './passwords.ts';
import type { People } from './people.ts';
import { digestOf, newSecret } from './secrets.ts';
import type { Entered, SignIn, Stranger } from './signIn.ts';

export interface InvitationsParts {
	readonly sql: Sql;
	readonly publicUrl: string;
	readonly people: People;
	readonly passwords: Passwords;
	readonly signIn: SignIn;
}

/** How people join: a link from an admin, which works once and for a week. */
export class Invitations {
	readonly #parts: InvitationsParts;

	constructor(parts: InvitationsParts) {
		this.#parts = parts;
	}

	/** Invites somebody; answers with the link, which is shown this once. */
	async invite(by: Person, invitation: Invitation): Promise<string> {
		const { sql, publicUrl } = this.#parts;
		const token = newSecret();
		await insertInvitation(sql, { ...invitation, digest: digestOf(token), by: by.id });
		return `${publicUrl}/invite/${token}`;
	}

	/** What an open invitation offers. Throws a `Refusal` if it is none. */
	async look(token: string): Promise<Invitation> {
		const invitation = await findInvitation(this.#parts.sql, digestOf(token));
		if (!invitation) throw doesNotWork();
		return invitation;
	}

	/** Takes an invitation: somebody new is here and signed in. Throws a `Refusal`. */
	async join(token: string, account: NewAccount, stranger: Stranger): Promise<Entered> {
		const { sql, people, passwords, signIn } = this.#parts;
		await this.look(token);
		const digest = digestOf(token);
		const hash = await passwords.hash(account.password);
		const guest = await sql.begin(async (tx) => {
			const access = await takeInvitation(tx, digest);
			if (!access) throw doesNotWork();
			const person = await createAccount(tx, { ...account, access, hash });
			await nameGuest(tx, digest, person.id);
			return person;
		});
		people.learn(guest);
		return signIn.enter(account, stranger);
	}
}

function doesNotWork(): Refusal {
	return new Refusal(
		'unknown',
		'This invitation does not work: it was used, it is too old, or the link is not complete. Ask an admin for another.',
	);
}
