/** How many services an incident may concern, and how long the name of one may be (UTF-16 units). */
export const serviceLimits = { count: 20, name: 64 } as const;

/**
 * Names of services as an incident keeps them: on one line, without blanks around them, none empty,
 * and each once, whatever its capitals; the first spelling stays.
 */
export function servicesOf(names: readonly string[]): readonly string[] {
	const byKey = new Map<string, string>();
	for (const name of names) {
		const tidy = name.replace(/\s+/g, ' ').trim();
		const key = serviceKey(tidy);
		if (tidy !== '' && !byKey.has(key)) byKey.set(key, tidy);
	}
	return [...byKey.values()];
}

/** What two spellings of one service have in common. */
export function serviceKey(name: string): string {
	return name.toLowerCase();
}

/** `Checkout, Payments` */
export function servicesWords(services: readonly string[]): string {
	return services.length === 0 ? 'not set' : services.join(', ');
}
