import type { IncidentId } from '#core/ids.ts';
import type { RemovalRequest } from '#core/wire.ts';
import { askOnce } from './askOnce.ts';

/** Asks the server to remove something for good; gives what went wrong, or null. */
export function askToRemove(
	incident: IncidentId,
	wanted: Omit<RemovalRequest, 'idempotencyKey'>,
): Promise<string | null> {
	return askOnce(incident, 'removals', { wanted, away });
}

const away = 'Muster did not answer. Look whether it is gone, and try again if it is not.';
