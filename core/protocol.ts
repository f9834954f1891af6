/**
 * The version of the live connections' protocol that our pages speak, told as `v`. Servers understand a
 * new one first; pages speak it one release later, so that any page gets along with any node while a
 * release takes the place of the one before.
 */
export const protocolVersion = 1;

/** The versions that our server understands. */
const understood = { oldest: 1, newest: 1 } as const;

/** Whether our server understands who says this `v`. Stock clients say none: they speak version 1. */
export function isUnderstood(version: string | null): boolean {
	if (version !== null && !/^\d{1,9}$/.test(version)) return false;
	const number = Number(version ?? 1);
	return understood.oldest <= number && number <= understood.newest;
}

/** Why a page is sent away whose version the server does not understand. */
export const whyOutdated = 'Muster was updated. Load this page again.';

/**
 * Why a live connection ends (code 1012) whose person alone is meant and comes back at once. Who is
 * sent away for any other reason is one of many, and they come back spread out.
 */
export const accessHasChanged = 'Your access has changed.';
