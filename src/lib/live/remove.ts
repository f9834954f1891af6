import type { IncidentId } from '#core/ids.ts';
import type { RemovalRequest } from '#core/wire.ts';
import { randomKey } from './randomKey.ts';

/** Asks the server to remove something for good; gives what went wrong, or null. */
export async function askToRemove(
	incident: IncidentId,
	wanted: Omit<RemovalRequest, 'idempotencyKey'>,
): Promise<string | null> {
	try {
		const response = await fetch(`/api/v1/incidents/${incident}/removals`, {
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

const away = 'Muster did not answer. Look whether it is gone, and try again if it is not.';
