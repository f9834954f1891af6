import { z } from '@hono/zod-openapi';
import {
	columnFields,
	historyFormats,
	type Historic,
	type HistoryFile,
} from '#core/incident/historyFile/historic.ts';
import { summaryOf } from '#core/incident/historyFile/summary.ts';
import { kinds, severities, statuses } from '#core/incident/lifecycle.ts';
import type { Outcome } from '#server/incidents/importHistory.ts';
import { limits } from '#server/limits.ts';
import { instantField, isoOf } from './reading.ts';

const outcome = z.object({ line: z.int(), sourceId: z.string(), number: z.int() });

/** An incident as it is here, or would be: `number` is null until it is. */
const taken = z.object({
	line: z.int(),
	sourceId: z.string(),
	number: z.int().nullable(),
	title: z.string(),
	kind: z.enum(kinds),
	severity: z.enum(severities).nullable(),
	status: z.enum(statuses),
	declared: instantField.nullable(),
	resolved: instantField.nullable(),
	services: z.array(z.string()).readonly(),
	updates: z.int(),
});

/** What came, or would come, of a file of past incidents. */
export const importedHistory = z
	.object({
		format: z.enum(historyFormats),
		/** Of a table: which column was read as what. */
		columns: z.partialRecord(z.enum(columnFields), z.string()),
		isDryRun: z.boolean(),
		/** Rows of the file: imported (or, in a dry run, to be imported), there already, and wrong. */
		rows: z.int(),
		imported: z.int(),
		there: z.int(),
		wrong: z.int(),
		/** There already, but the source says something else of them now; they stay as they are. */
		changed: z.array(outcome).readonly(),
		/** The first ones, each with its line. */
		errors: z
			.array(z.object({ line: z.int(), field: z.string().nullable(), message: z.string() }))
			.readonly(),
		warnings: z.array(z.string()).readonly(),
		/** The first good rows. */
		first: z.array(taken).readonly(),
		/** What the good rows are. */
		holds: z.object({
			kinds: z.record(z.enum(kinds), z.int()),
			severities: z.record(z.enum([...severities, 'notSet']), z.int()),
			services: z.int(),
			updates: z.int(),
			from: instantField.nullable(),
			to: instantField.nullable(),
		}),
	})
	.openapi('ImportedHistory');
export type ImportedHistory = z.infer<typeof importedHistory>;

/** Says what came of a file, by what became of its incidents. */
export function answerOf(
	{ file, isDryRun }: { readonly file: HistoryFile; readonly isDryRun: boolean },
	{ imported, outcomes }: { readonly imported: number; readonly outcomes: readonly Outcome[] },
): ImportedHistory {
	const { format, columns, incidents, faults, warnings } = file;
	const changed = outcomes.filter(({ state }) => state === 'changed');
	return {
		format,
		columns,
		isDryRun,
		rows: incidents.length + faults.length,
		imported,
		there: outcomes.filter(({ state }) => state === 'there').length,
		wrong: faults.length,
		changed: changed
			.slice(0, limits.historyFaults)
			.map(({ line, sourceId, number }) => ({ line, sourceId, number })),
		errors: faults.slice(0, limits.historyFaults),
		warnings: warnings.slice(0, limits.historyFaults),
		first: incidents.slice(0, limits.historyFirst).map((one) => takenOf(one, outcomes)),
		holds: holdsOf(incidents),
	};
}

function takenOf(
	historic: Historic,
	outcomes: readonly Outcome[],
): ImportedHistory['first'][number] {
	const { line, sourceId, title, kind, severity, status, services, updates } = historic;
	return {
		...{ line, sourceId, title, kind, severity, status, services },
		number: outcomes.find((outcome) => outcome.line === line)?.number ?? null,
		declared: isoOf(historic.declaredAt),
		resolved: isoOf(historic.resolvedAt),
		updates: updates.length,
	};
}

function holdsOf(incidents: readonly Historic[]): ImportedHistory['holds'] {
	const { from, to, ...counts } = summaryOf(incidents);
	return { ...counts, from: isoOf(from), to: isoOf(to) };
}
