/** The time zones to choose from, by their IANA names; the one that holds is among them, whatever its spelling. */
export function zonesWith(zone: string): readonly string[] {
	return [...new Set(['UTC', zone, ...Intl.supportedValuesOf('timeZone')])];
}
