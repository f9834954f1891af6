import { timingSafeEqual } from 'node:crypto';
import type { Sql } from 'postgres';
import { Refusal } from '#core/refusal.ts';
import { lockInstallation } from '#server/storage/installation.ts';
import { lockAdmins } from '#server/storage/people.ts';
import { createAccount, type NewAccount } from './accounts.ts';
import type { Passwords } from './passwords.ts';
import type { People } from './people.ts';
import { digestOf, newSecret } from './secrets.ts';
import type { Entered, SignIn, Stranger } from './signIn.ts';

export interface FirstRunParts {
	readonly sql: Sql;
	readonly people: People;
	readonly passwords: Passwords;
	readonly signIn: SignIn;
}

/** Makes the first admin: whoever can read the log, where a one-time link stands. */
export class FirstRun {
	readonly #parts: FirstRunParts;
	/** New at every start; nowhere but in the link. */
	readonly #token = newSecret();

	constructor(parts: FirstRunParts) {
		this.#parts = parts;
	}

	/** The link's path, or null once there is an admin. */
	get path(): string | null {
		return this.#parts.people.hasAdmin ? null : `/setup/${this.#token}`;
	}

	/** Makes the first admin and signs them in. Throws a `Refusal` for a wrong token, and the second time. */
	async setUp(token: string, account: NewAccount, stranger: Stranger): Promise<Entered> {
		const { sql, people, passwords, signIn } = this.#parts;
		if (people.hasAdmin) throw isOver();
		if (!timingSafeEqual(digestOf(token), digestOf(this.#token))) {
			throw new Refusal(
				'forbidden',
				'This is not the first-run link. The server’s log shows the one that works.',
			);
		}
		const hash = await passwords.hash(account.password);
		const admin = await sql.begin(async (tx) => {
			await lockInstallation(tx);
			if ((await lockAdmins(tx)).length > 0) throw isOver();
			return createAccount(tx, { ...account, access: 'admin', hash });
		});
		people.learn(admin);
		return signIn.enter(account, stranger);
	}
}

function isOver(): Refusal {
	return new Refusal(
		'unknown',
		'Muster has its first admin already. Sign in, or ask an admin for an invitation.',
	);
}
