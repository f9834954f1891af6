import type { ISql } from 'postgres';
import type { Person } from '#core/response/access.ts';
import { limits } from '#server/limits.ts';

/** A session that has not ended, and who is signed in with it. */
export interface SessionRow extends Person {
	readonly session: string;
	/** Whether it is time to note that it is in use. */
	readonly isUnnoted: boolean;
}

const { sessionIdleMs, sessionMs, sessionPauseMs } = limits;

/** Whether a session `s` goes on: so it is in use, nobody is signed out at its end of days. */
const goesOn = (sql: ISql) => sql`
	s.expires_at > now() and s.seen_at > now() - ${sessionIdleMs} * interval '1 ms' and (
		s.created_at > now() - ${sessionMs} * interval '1 ms'
		or s.seen_at > now() - ${sessionPauseMs} * interval '1 ms')`;

/** The session whose token has this SHA-256 (hex). */
export async function findSession(sql: ISql, digest: string): Promise<SessionRow | null> {
	const [row] = await sql<SessionRow[]>`
		select
			s.id as session, p.id, p.name, p.kind, p.access,
			s.seen_at < now() - ${limits.sessionNoteMs} * interval '1 ms' as "isUnnoted"
		from sessions s join people p on p.id = s.person
		where s.digest = ${digest} and p.removed_at is null and ${goesOn(sql)}`;
	return row ?? null;
}

/** Notes that these sessions are in use now. One that has ended stays ended. */
export async function noteSessions(sql: ISql, sessions: readonly string[]): Promise<void> {
	await sql`
		update sessions s set seen_at = now() where s.id = any(${[...sessions]}) and ${goesOn(sql)}`;
}

/** Ends a session. */
export async function deleteSession(sql: ISql, session: string): Promise<void> {
	await sql`delete from sessions where id = ${session}`;
}

/** Which of these sessions are no more. */
export async function findGoneSessions(sql: ISql, sessions: readonly string[]): Promise<string[]> {
	const rows = await sql<{ id: string }[]>`
		select id from unnest(${[...sessions]}::uuid[]) as open (id)
		where not exists (select from sessions s where s.id = open.id)`;
	return rows.map(({ id }) => id);
}

/** Deletes the sessions that have come to their end, and names them. */
export async function deleteEndedSessions(sql: ISql): Promise<string[]> {
	const rows = await sql<{ id: string }[]>`
		delete from sessions s where not (${goesOn(sql)}) returning s.id`;
	return rows.map(({ id }) => id);
}
