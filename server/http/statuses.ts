import type { RefusalCode } from '#core/refusal.ts';

/** With which HTTP status each refusal is answered. */
export const statuses = {
	invalid: 422,
	unknown: 404,
	forbidden: 403,
	signedOut: 401,
	outdated: 426,
	conflict: 409,
	sealed: 409,
	tooLarge: 413,
	tooMany: 429,
	unavailable: 503,
	unclear: 504,
} as const satisfies Readonly<Record<RefusalCode, number>>;
