import postgres, { type Sql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';
import type { Kind } from '#core/incident/lifecycle.ts';
import type { Logger } from '#server/log.ts';
import { deleteExpired, findExpired } from '#server/storage/keeping.ts';

/** How long incidents of a kind are kept once they are closed and nothing is learnt of them any more, in ms; kinds that are not named are kept. */
export type Retention = ReadonlyMap<Kind, number>;

export interface RetentionParts {
	readonly sql: Sql;
	readonly log: Logger;
	readonly retention: Retention;
	/** Nothing new is to be begun. */
	readonly isEnding: () => boolean;
}

/** Deletes incidents that were closed and worked on longer ago than they are to be kept, one at a time, with all that there is of them. */
export async function forgetExpired(parts: RetentionParts): Promise<void> {
	const { sql, log, retention, isEnding } = parts;
	for (const [kind, keptMs] of retention) {
		for (const incident of await findExpired(sql, { kind, keptMs })) {
			if (isEnding()) return;
			const number = await deleteOne(parts, incident, keptMs);
			if (number !== null) log.info({ number, kind }, 'incident was kept long enough: deleted');
		}
	}
}

/** Null if it is kept. */
async function deleteOne(
	{ sql, log }: RetentionParts,
	incident: IncidentId,
	keptMs: number,
): Promise<number | null> {
	try {
		return await sql.begin((tx) => deleteExpired(tx, incident, keptMs));
	} catch (error) {
		if (!isStillNamed(error)) throw error;
		log.info({ incident }, 'incident is kept: somebody put a hold on it just now');
		return null;
	}
}

/** A row that came in this very moment names what was to be deleted. */
function isStillNamed(error: unknown): boolean {
	return error instanceof postgres.PostgresError && error.code === '23503';
}
