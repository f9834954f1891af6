import type { IncomingHttpHeaders } from 'node:http';
import type { PersonId } from '#core/ids.ts';
import type { Buckets } from '#server/buckets.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { Database } from '#server/storage/database.ts';
import { readSecret } from '#server/storage/installation.ts';
import { deleteEndedSessions, findGoneSessions, noteSessions } from '#server/storage/sessions.ts';
import { openBetterAuth, type BetterAuth } from './betterAuth.ts';
import { sessionCookieFor, type SessionCookie } from './cookie.ts';
import { FirstRun } from './firstRun.ts';
import { Guesses } from './guesses.ts';
import { SharedGuesses } from './sharedGuesses.ts';
import { Identifier, type Identity } from './identity.ts';
import { Invitations } from './invitations.ts';
import { Passwords } from './passwords.ts';
import { People } from './people.ts';
import { SignIn } from './signIn.ts';
import { Tokens } from './tokens.ts';

export interface AuthParts {
	readonly db: Database;
	readonly log: Logger;
	readonly publicUrl: string;
	/** `MUSTER_ADMIN_TOKEN`, if it is set. */
	readonly adminToken: string | null;
	/** Epoch ms. */
	readonly now: () => number;
	/** Where tries are counted with the other nodes. */
	readonly buckets: Buckets;
	/** A session is over: its sockets end. */
	readonly onSignedOut: (session: string) => void;
	/** Somebody, or a token, has other rights than before, or none: their sockets are to ask again. */
	readonly onAccessChanged: (person: PersonId) => void;
	/** The sessions that have an open socket: they are in use, whether they ask for pages or not. */
	readonly openSessions: () => Iterable<string>;
}

const sweepMs = 60_000;

/** Who may come in, as whom, and until when. */
export class Auth implements AsyncDisposable {
	readonly people: People;
	readonly signIn: SignIn;
	readonly firstRun: FirstRun;
	readonly invitations: Invitations;
	readonly tokens: Tokens;
	readonly #parts: AuthParts;
	readonly #identifier: Identifier;
	readonly #timers: readonly NodeJS.Timeout[];
	#asking: Promise<void> | null = null;

	private constructor(parts: AuthParts, doors: Doors) {
		const { adminToken, publicUrl, onSignedOut, onAccessChanged } = parts;
		const { sql } = parts.db;
		const { people, passwords, cookie } = doors;
		this.#parts = parts;
		this.people = people;
		this.#identifier = new Identifier({ sql, cookie, adminToken });
		const guesses = new SharedGuesses(new Guesses(parts.now), parts.buckets);
		const signIn = new SignIn({ ...doors, sql, guesses, onSignedOut });
		this.signIn = signIn;
		this.firstRun = new FirstRun({ sql, people, passwords, signIn });
		this.invitations = new Invitations({ sql, publicUrl, people, passwords, signIn });
		this.tokens = new Tokens({ sql, people, onRevoked: onAccessChanged });
		this.#timers = [
			setInterval(() => void this.#sweepOrTell(), sweepMs),
			setInterval(() => void this.#poll(), limits.pollMs),
		];
	}

	/** Opens the doors; the store must be migrated. */
	static async open(parts: AuthParts): Promise<Auth> {
		const { db, publicUrl, onAccessChanged } = parts;
		const { sql } = db;
		const cookie = sessionCookieFor(publicUrl);
		const passwords = new Passwords();
		const people = new People(sql, onAccessChanged);
		await people.load();
		const secret = await readSecret(sql);
		const better = await openBetterAuth({ sql, secret, publicUrl, cookie, passwords });
		return new Auth(parts, { people, passwords, cookie, better });
	}

	/** Who asks, by session cookie or `Authorization: Bearer`. Throws while the store is away. */
	identify(headers: IncomingHttpHeaders | Headers): Promise<Identity | null> {
		return this.#identifier.identify(headers);
	}

	/** Whether an admin exists; until then little else answers than the first run. */
	isSetUp(): boolean {
		return this.people.hasAdmin;
	}

	/** Forgets who somebody was, by id or e-mail address; their sockets end. Throws a `Refusal`. */
	async forget(person: string): Promise<void> {
		const sessions = await this.people.forget(person);
		for (const session of sessions) this.#parts.onSignedOut(session);
	}

	/** The path of the one-time link that makes the first admin; null once there is one. Only the log may show it. */
	setupLink(): string | null {
		return this.firstRun.path;
	}

	/** Ends the sessions whose time has come, and their sockets. */
	async sweep(): Promise<void> {
		const { sql } = this.#parts.db;
		await noteSessions(sql, [...this.#parts.openSessions()]);
		for (const session of await deleteEndedSessions(sql)) this.#parts.onSignedOut(session);
	}

	async #sweepOrTell(): Promise<void> {
		try {
			await this.sweep();
		} catch (error) {
			this.#parts.log.warn({ err: error }, 'ended sessions cannot be swept');
		}
	}

	/** Learns what other nodes have done: whose access is another now, and who is signed out. */
	async refresh(): Promise<void> {
		await this.people.refresh();
		const open = [...new Set(this.#parts.openSessions())];
		const gone = open.length > 0 ? await findGoneSessions(this.#parts.db.sql, open) : [];
		for (const session of gone) this.#parts.onSignedOut(session);
	}

	/** A store that is away makes nobody a stranger: what is not known now is asked again. */
	#poll(): Promise<void> {
		this.#asking ??= this.refresh()
			.catch((error: unknown) =>
				this.#parts.log.debug({ err: error }, 'nothing is heard of others'),
			)
			.finally(() => (this.#asking = null));
		return this.#asking;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const timer of this.#timers) clearInterval(timer);
	}
}

interface Doors {
	readonly people: People;
	readonly passwords: Passwords;
	readonly cookie: SessionCookie;
	readonly better: BetterAuth;
}
