import type { IncidentId } from '#core/ids.ts';
import type { RestoreRequest } from '#core/wire.ts';
import { randomKey } from './randomKey.ts';

/** Asks the server to bring an incident back to an earlier version; gives what went wrong, or null. */
export async function askToRestore(
	incident: IncidentId,
	wanted: Omit<RestoreRequest, 'idempotencyKey'>,
): Promise<string | null> {
	try {
		const response = await fetch(`/api/v1/incidents/${incident}/restore`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ ...wanted, idempotencyKey: randomKey() }),
		});
		if (response.ok) return null;
		const { error } = (await response.json()) as { error?: { message: string } };
		return error?.message ?? away;
	} catch {
		return away;
	}
}

const away = 'Muster cannot be reached, so nothing was restored.';
