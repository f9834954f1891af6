/** The time zones to choose from, by their IANA names. */
export const zones: readonly string[] = [
	'UTC',
	...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC'),
];
