import * as z from 'zod/mini';
import { isInstant } from '../time.ts';

/** A number of turns or characters. */
export const count = z.int().check(z.nonnegative(), z.overwrite(whole));

/** An instant in epoch ms. */
export const at = z.number().check(z.refine(isInstant), z.overwrite(whole));

/** The fields that every fact has. */
export const base = {
	id: z.string(),
	by: z.string(),
	recordedAt: at,
	occurredAt: at,
	key: z.optional(z.string()),
	print: z.optional(z.string()),
};

/** Without a fraction, and 0 for -0, so that its JSON reads back the same. */
function whole(value: number): number {
	return Math.trunc(value) + 0;
}
