import type { IncidentId } from '#core/ids.ts';
import type { Person } from '#core/response/access.ts';
import type { Salvage } from './salvage.ts';

/** What the server says about this person and this incident, asked after it closed a connection. */
export type Standing =
	| { readonly state: 'signedOut' }
	| { readonly state: 'unreachable' }
	| { readonly state: 'gone' }
	| {
			readonly state: 'known';
			readonly read: boolean;
			readonly edit: boolean;
			readonly reason: string | null;
			/** As of when it is shown (epoch ms), if it could not be opened whole. */
			readonly shownAsOf: number | null;
	  };

/** Why the server turned this page away, and what is left of its changes. */
export interface TurnedAway {
	readonly sentence: string;
	/** How many of my changes the server does not have. */
	readonly changes: number;
	readonly file: Salvage;
	/** Whether the incident can be opened afresh, without those changes. */
	readonly canRestart: boolean;
	/** Whether they would be taken if the incident were open. */
	readonly isClosed: boolean;
	readonly isSignedOut: boolean;
}

/** Asks why: a browser cannot read the answer to a refused upgrade. */
export function askStanding(incident: IncidentId): Promise<Standing> {
	return standingOf(`/incidents/${incident}/access`, async (response) => {
		const { shownAsOf, ...known } = (await response.json()) as {
			read: boolean;
			edit: boolean;
			reason: string | null;
			shownAsOf: string | null;
		};
		return { state: 'known', ...known, shownAsOf: shownAsOf ? Date.parse(shownAsOf) : null };
	});
}

/** Asks a route of the API for this person's standing, which `read` finds in its answer. */
export async function standingOf(
	path: string,
	read: (response: Response) => Promise<Standing>,
): Promise<Standing> {
	try {
		const response = await fetch(`/api/v1${path}`);
		if (response.status === 401) return { state: 'signedOut' };
		if (response.status === 403 || response.status === 404) return { state: 'gone' };
		return response.ok ? await read(response) : { state: 'unreachable' };
	} catch {
		return { state: 'unreachable' };
	}
}

/** Who I am to this installation now, or null if nobody answers. */
export async function askWhoIAm(): Promise<Person | null> {
	try {
		const response = await fetch('/api/v1/session');
		return response.ok ? ((await response.json()) as { person: Person }).person : null;
	} catch {
		return null;
	}
}

/** Why the server ended the connection for good, in a sentence for the one at the screen. */
export function sentenceFor(close: { code: number; reason: string }, standing: Standing): string {
	if (standing.state === 'signedOut' || close.code === 4401) {
		return 'You are signed out. Sign in again to go on.';
	}
	if (standing.state === 'gone' || (standing.state === 'known' && !standing.read)) {
		return 'You can no longer see this incident. Somebody with admin access can let you in.';
	}
	if (close.code === 4409) {
		return 'The copy on this device does not fit the server’s any more.';
	}
	if (close.code === 4403 && standing.state === 'known') {
		return standing.reason ?? 'You may read this incident, but not change it any more.';
	}
	if (close.code === 1009) {
		return close.reason || 'This is more than the server takes at once (8 MiB).';
	}
	return close.reason || 'The server could not read what this page sent.';
}
