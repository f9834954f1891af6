import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Sql } from 'postgres';
import { accesses, type Access, type Person } from '#core/response/access.ts';
import { findSession, noteSessions } from '#server/storage/sessions.ts';
import { findToken } from '#server/storage/tokens.ts';
import { adminToken } from './adminToken.ts';
import { readSessionCookie, type SessionCookie } from './cookie.ts';
import { digestOf } from './secrets.ts';

/** Who asks: a person, and the session that they signed in with (null for a token). */
export interface Identity {
	readonly person: Person;
	readonly session: string | null;
}

export interface IdentifierParts {
	readonly sql: Sql;
	readonly cookie: SessionCookie;
	/** `MUSTER_ADMIN_TOKEN`, if it is set. */
	readonly adminToken: string | null;
}

/** Tells who asks from a request's headers; always from the store, so that what ended is over at once. */
export class Identifier {
	readonly #parts: IdentifierParts;

	constructor(parts: IdentifierParts) {
		this.#parts = parts;
	}

	/** By bearer token if there is one, else by session; null if nobody. Throws while the store is away. */
	async identify(headers: IncomingHttpHeaders | Headers): Promise<Identity | null> {
		const [, bearer] = /^bearer(?: +(.*))?$/i.exec(read(headers, 'authorization')) ?? [];
		if (bearer !== undefined) return this.#byToken(bearer);
		const token = readSessionCookie(read(headers, 'cookie'), this.#parts.cookie);
		return token === null ? null : this.#bySession(token);
	}

	async #byToken(token: string): Promise<Identity | null> {
		const digest = digestOf(token);
		if (this.#isAdminToken(digest)) return { person: adminToken, session: null };
		const row = await findToken(this.#parts.sql, digest);
		if (!row) return null;
		const { makersAccess, ...person } = row;
		return { person: { ...person, access: leastOf(person.access, makersAccess) }, session: null };
	}

	#isAdminToken(digest: Buffer): boolean {
		const { adminToken: set } = this.#parts;
		return set !== null && timingSafeEqual(digest, digestOf(set));
	}

	async #bySession(token: string): Promise<Identity | null> {
		const row = await findSession(this.#parts.sql, digestOf(token).toString('hex'));
		if (!row) return null;
		const { session, isUnnoted, ...person } = row;
		if (isUnnoted) await noteSessions(this.#parts.sql, [session]);
		return { person, session };
	}
}

function leastOf(a: Access, b: Access): Access {
	return accesses.indexOf(a) < accesses.indexOf(b) ? a : b;
}

function read(headers: IncomingHttpHeaders | Headers, name: 'authorization' | 'cookie'): string {
	return (headers instanceof Headers ? headers.get(name) : headers[name]) ?? '';
}
