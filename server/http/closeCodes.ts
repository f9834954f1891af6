import type { RefusalCode } from '#core/refusal.ts';

/**
 * With which code a live connection ends for each refusal. Stock clients stop for good at 44xx,
 * so whatever may be tried again is 1013.
 */
export const closeCodes: Readonly<Record<RefusalCode, number>> = {
	invalid: 4400,
	unknown: 4403,
	forbidden: 4403,
	sealed: 4403,
	signedOut: 4401,
	outdated: 4426,
	conflict: 4409,
	tooLarge: 1009,
	tooMany: 1013,
	unavailable: 1013,
	unclear: 1013,
};

/** The server stops or a room starts anew: come back at once. */
export const restartCode = 1012;
