import type { IncidentId } from '#core/ids.ts';
import type { RestoreRequest } from '#core/wire.ts';
import { askOnce } from './askOnce.ts';

/** Asks the server to bring an incident back to an earlier version; gives what went wrong, or null. */
export function askToRestore(
	incident: IncidentId,
	wanted: Omit<RestoreRequest, 'idempotencyKey'>,
): Promise<string | null> {
	return askOnce(incident, 'restore', { wanted, away });
}

const away = 'Muster cannot be reached, so nothing was restored.';
