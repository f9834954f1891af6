import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { accesses, may, type Access, type Person } from '#core/response/access.ts';
import { insertPerson, removePerson } from '#server/storage/people.ts';
import { deleteToken, insertToken, readTokens, type TokenRow } from '#server/storage/tokens.ts';
import { adminToken } from './adminToken.ts';
import type { People } from './people.ts';
import { digestOf, newSecret } from './secrets.ts';

export interface TokensParts {
	readonly sql: Sql;
	readonly people: People;
	/** Hears of a token that is no longer one: its sockets end. */
	readonly onRevoked: (token: PersonId) => void;
}

/** What stands before every token, so that one which leaked is recognised. */
const prefix = 'muster_';

/** API tokens: each acts as a person of its own, with at most the access of who made it. */
export class Tokens {
	readonly #parts: TokensParts;

	constructor(parts: TokensParts) {
		this.#parts = parts;
	}

	/** The tokens that somebody may revoke: their own, an admin all. */
	async list(by: Person): Promise<TokenRow[]> {
		return readTokens(this.#parts.sql, may(by, 'administer', null) ? 'all' : by.id);
	}

	/** Makes a token; its text is shown this once. Throws a `Refusal`. */
	async make(
		by: Person,
		{ name, access }: { readonly name: string; readonly access: Access },
	): Promise<{ readonly person: Person; readonly token: string }> {
		// Else one that leaked could outlive its revocation.
		if (by.kind === 'token' && by.id !== adminToken.id) {
			throw new Refusal('forbidden', 'A token cannot make tokens. Sign in for that.');
		}
		if (accesses.indexOf(access) > accesses.indexOf(by.access)) {
			throw new Refusal('forbidden', 'A token cannot do more than you can.', 'access');
		}
		const id = randomUUID() as string as PersonId;
		const person: Person = { id, kind: 'token', name, access };
		const token = prefix + newSecret();
		await this.#parts.sql.begin(async (tx) => {
			await insertPerson(tx, { ...person, email: null });
			await insertToken(tx, { person: id, digest: digestOf(token), by: by.id });
		});
		this.#parts.people.learn(person);
		return { person, token };
	}

	/** Ends a token and its sockets. Throws a `Refusal` if there is none that this person may end. */
	async revoke(by: Person, token: PersonId): Promise<void> {
		const { sql, people, onRevoked } = this.#parts;
		const removed = await sql.begin(async (tx) => {
			const maker = may(by, 'administer', null) ? 'anybody' : by.id;
			return (await deleteToken(tx, token, maker)) ? removePerson(tx, token) : null;
		});
		if (!removed) throw new Refusal('unknown', 'There is no such token.');
		people.learn(removed);
		onRevoked(token);
	}
}
