import * as z from 'zod/mini';

/** A zone of the IANA database by its name; no offsets, which are read with either sign. */
export const zone = z
	.string()
	.check(z.refine(isZone, 'This is not a time zone like UTC or America/Los_Angeles.'));

function isZone(text: string): boolean {
	if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(text) || text.length > 60) return false;
	try {
		return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
	} catch {
		return false; // It throws for what it does not know.
	}
}
