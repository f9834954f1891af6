import type { IncidentId } from '#core/ids.ts';
import { randomKey } from './randomKey.ts';

/** Asks the server to do something with an incident, under a key of its own; gives what went wrong, or null. */
export async function askOnce(
	incident: IncidentId,
	what: 'removals' | 'restore' | 'retro' | 'retro/commands',
	{ wanted, away }: { readonly wanted: object; readonly away: string },
): Promise<string | null> {
	try {
		const response = await fetch(`/api/v1/incidents/${incident}/${what}`, {
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
