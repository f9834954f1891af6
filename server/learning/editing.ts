import { Refusal } from '#core/refusal.ts';

/** Somebody changed a thing after it was read by whoever changes it now. */
export function overtaken(what: 'action' | 'problem', name: string): Refusal {
	return new Refusal(
		'conflict',
		`${name} changed this ${what} meanwhile. Look at it as it is now, then change it again.`,
		'expects',
	);
}

/** Refuses a key under which the same person has asked for something else, by the digests of both requests. */
export function refuseOtherRequest(before: string | null, print: string | null): void {
	// What was removed for good has no digest any more.
	if (before === null || before === print) return;
	throw new Refusal(
		'conflict',
		'This key was used for another request. Take a new one.',
		'idempotencyKey',
	);
}

/** The fields of a change that say something. */
export function definedOf<T extends object>(
	fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
	const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
	return Object.fromEntries(defined) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
