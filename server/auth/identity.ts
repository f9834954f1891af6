import type { Person } from '#core/response/access.ts';

/** Who asks: a person, and the session that they signed in with (null for a token). */
export interface Identity {
	readonly person: Person;
	readonly session: string | null;
}
