import { APIError } from 'better-auth/api';
import type { Sql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { addressHeader } from '#server/http/address.ts';
import { deleteSession } from '#server/storage/sessions.ts';
import type { Credentials } from './accounts.ts';
import type { BetterAuth } from './betterAuth.ts';
import { clearSessionCookie, type SessionCookie } from './cookie.ts';
import type { SharedGuesses } from './sharedGuesses.ts';
import type { People } from './people.ts';

/** Who is at the door, before they are anybody. */
export interface Stranger {
	readonly address: string;
	readonly userAgent: string | undefined;
	/** The session that this browser had until now. */
	readonly session: string | null;
}

/** Somebody is in: who, and the `Set-Cookie` lines that keep them in. */
export interface Entered {
	readonly state: 'entered';
	readonly person: Person;
	readonly cookies: readonly string[];
}

export interface SignInParts {
	readonly sql: Sql;
	readonly better: BetterAuth;
	readonly cookie: SessionCookie;
	readonly guesses: SharedGuesses;
	readonly people: People;
	readonly onSignedOut: (session: string) => void;
}

const userAgentLength = 300;

/** Lets people in by e-mail and password, and out again. */
export class SignIn {
	readonly #parts: SignInParts;

	constructor(parts: SignInParts) {
		this.#parts = parts;
	}

	/**
	 * Signs somebody in, or tells how long to wait after too many wrong passwords. Throws a `Refusal`
	 * that is the same, and comes as late, whether the person or the password is wrong.
	 */
	async signIn(
		credentials: Credentials,
		stranger: Stranger,
	): Promise<Entered | { readonly state: 'early'; readonly waitMs: number }> {
		const attempt = await this.#parts.guesses.take(credentials.email, stranger.address);
		if (attempt.state === 'early') return attempt;
		try {
			const entered = await this.enter(credentials, stranger);
			attempt.undo();
			return entered;
		} catch (error) {
			// A store that is away makes nobody a guesser.
			if (!isWrong(error)) attempt.undo();
			throw error;
		}
	}

	/** Signs in somebody whose credentials are no guess, as they have just been made. */
	async enter({ email, password }: Credentials, stranger: Stranger): Promise<Entered> {
		const { better, people } = this.#parts;
		const headers = new Headers({
			[addressHeader]: stranger.address,
			'user-agent': stranger.userAgent?.slice(0, userAgentLength) ?? '',
		});
		const { headers: answer, response } = await better.api
			.signInEmail({ body: { email, password }, headers, returnHeaders: true })
			.catch(refuse);
		const person = await people.find(response.user.id as PersonId);
		if (!person) throw new Error('somebody who signed in is not among the people');
		// A browser has one session; its sockets of before end with the old one.
		if (stranger.session !== null) await this.signOut(stranger.session);
		return { state: 'entered', person, cookies: answer.getSetCookie() };
	}

	/** Ends a session and its sockets; answers with the `Set-Cookie` that takes the cookie away. */
	async signOut(session: string): Promise<string> {
		await deleteSession(this.#parts.sql, session);
		this.#parts.onSignedOut(session);
		return clearSessionCookie(this.#parts.cookie);
	}
}

function isWrong(error: unknown): boolean {
	return error instanceof Refusal && error.code === 'signedOut';
}

function refuse(error: unknown): never {
	if (error instanceof APIError && error.status === 'UNAUTHORIZED') {
		throw new Refusal('signedOut', 'E-mail address or password is wrong.');
	}
	throw error;
}
