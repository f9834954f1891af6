import * as z from 'zod/mini';
import { isPlainText } from '../../wire.ts';
import { columnFields, historyFormats, type Reading } from './historic.ts';

const word = z
	.string()
	.check(z.trim(), z.minLength(1), z.maxLength(200), z.refine(isPlainText, 'This cannot be read.'));

/** The name of a column; without letters none says this. */
const column = z
	.string()
	.check(z.trim(), z.maxLength(200), z.refine(isPlainText, 'This cannot be read.'));

const flag = z.pipe(
	z.enum(['true', 'false']),
	z.transform((text) => text === 'true'),
);

/** An offset, as times have it that name one. */
const zone = z.pipe(
	z
		.string()
		.check(
			z.regex(/^(UTC|Z|[-+]([01]\d|2[0-3]):[0-5]\d)$/, 'A zone is UTC or an offset like +01:00.'),
		),
	z.transform((text) => (text === 'UTC' ? 'Z' : text)),
);

/** The question of `POST /api/v1/imports/incidents`: how its body is to be read, and what to do with it. */
export const historyImportQuery = z.strictObject({
	format: z.optional(z.enum(historyFormats)),
	source: z.optional(word),
	zone: z.optional(zone),
	dryRun: z.optional(flag),
	allOrNothing: z.optional(flag),
	id: z.optional(column),
	title: z.optional(column),
	url: z.optional(column),
	declared: z.optional(column),
	resolved: z.optional(column),
	impactStarted: z.optional(column),
	impactEnded: z.optional(column),
	severity: z.optional(column),
	kind: z.optional(column),
	services: z.optional(column),
});
export type HistoryImportQuery = z.infer<typeof historyImportQuery>;

/** How a file is to be read, as such a question says. */
export function readingOf(
	query: HistoryImportQuery,
): Pick<Reading, 'format' | 'source' | 'zone' | 'columns'> {
	const { format, source, zone: at } = query;
	const given = columnFields.flatMap((field) => {
		const column = query[field];
		return column === undefined ? [] : [[field, column] as const];
	});
	return { format, source, zone: at, columns: Object.fromEntries(given) };
}
