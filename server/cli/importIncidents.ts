import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import {
	columnFields,
	historyFormatNames,
	historyFormats,
	type HistoryFormat,
} from '#core/incident/historyFile/historic.ts';
import { bytesOf } from './file.ts';
import { progressBar } from './progress.ts';
import { Failure, Remote, type Surroundings } from './remote.ts';

const result = z.object({
	format: z.enum(historyFormats),
	columns: z.record(z.string(), z.string()),
	isDryRun: z.boolean(),
	rows: z.number(),
	imported: z.number(),
	there: z.number(),
	wrong: z.number(),
	changed: z.array(z.object({ line: z.number(), sourceId: z.string(), number: z.number() })),
	errors: z.array(
		z.object({ line: z.number(), field: z.nullable(z.string()), message: z.string() }),
	),
	warnings: z.array(z.string()),
	holds: z.object({
		kinds: z.record(z.string(), z.number()),
		severities: z.record(z.string(), z.number()),
		services: z.number(),
		updates: z.number(),
		from: z.nullable(z.string()),
		to: z.nullable(z.string()),
	}),
});
type Result = z.infer<typeof result>;

const line = z.union([
	z.object({ done: z.number(), of: z.number() }),
	z.object({ result }),
	z.object({ error: z.object({ message: z.string() }) }),
]);

interface Options {
	readonly format?: HistoryFormat;
	readonly source?: string;
	readonly zone?: string;
	readonly column: readonly string[];
	readonly dryRun?: true;
	readonly allOrNothing?: true;
}

/** `muster import incidents`: brings in the history of another system; prints what came of it. */
export function importIncidentsCommand(around: Surroundings): Command {
	return new Command('incidents')
		.description('bring in past incidents that another system has kept')
		.argument('<file>', 'JSON lines, CSV, or Statuspage’s incidents.json')
		.addOption(
			new Option('--format <format>', 'told by what it holds unless given').choices(historyFormats),
		)
		.option('--source <name>', 'what the source is called, where addresses do not tell')
		.option('--zone <zone>', 'of times in a CSV that name none: UTC, or an offset like +01:00')
		.addOption(
			new Option(
				'--column <field=name>',
				`which column of a CSV says what: ${columnFields.join(', ')}`,
			)
				.argParser((given: string, before: readonly string[]) => [...before, given])
				.default([], 'guessed by their names'),
		)
		.option('--dry-run', 'only tell what would be imported')
		.option('--all-or-nothing', 'import nothing if any row is wrong')
		.action(async (file: string, options: Options) => importIncidents(file, options, around));
}

async function importIncidents(
	file: string,
	options: Options,
	{ env, write, complain }: Surroundings,
): Promise<void> {
	const bytes = await bytesOf(file);
	const remote = new Remote(env);
	const route = `POST /imports/incidents?${queryOf(options)}` as const;
	const bar = progressBar(complain);
	let came: Result | null = null;
	try {
		const body = new Blob([bytes], { type: 'application/x-ndjson' });
		for await (const given of remote.lines(route, body)) {
			const read = line.safeParse(given);
			if (!read.success) throw new Failure('What answers there does not answer like Muster.');
			if ('error' in read.data) throw new Failure(read.data.error.message);
			if ('result' in read.data) came = read.data.result;
			else bar.show(read.data.done, read.data.of);
		}
	} finally {
		bar.end();
	}
	if (!came) throw new Failure('The answer broke off. Importing the file again brings the rest.');
	write(wordsOf(came));
	tellFaults(file, came, complain);
	if (came.wrong > 0) throw new Failure(`${came.wrong} of ${came.rows} rows are wrong.`);
}

function queryOf({ column, dryRun, allOrNothing, ...named }: Options): URLSearchParams {
	const query = new URLSearchParams(Object.entries(named));
	if (dryRun) query.set('dryRun', 'true');
	if (allOrNothing) query.set('allOrNothing', 'true');
	for (const given of column) {
		const [field = '', ...name] = given.split('=');
		if (!columnFields.some((one) => one === field) || name.length === 0) {
			const fields = columnFields.join(', ');
			throw new Failure(`--column ${given}: write field=name, with one of ${fields}.`);
		}
		query.set(field, name.join('='));
	}
	return query;
}

function wordsOf(came: Result): string {
	const { format, columns, isDryRun, rows, imported, there, changed, wrong, holds } = came;
	const read = Object.entries(columns).map(([field, name]) => `  ${field} = ${name}`);
	const counts = [
		`${imported} ${isDryRun ? 'would be imported' : 'imported'}`,
		`${there} there already`,
		...(changed.length > 0 ? [`${changed.length} there with other words`] : []),
		`${wrong} wrong`,
	];
	const lines = [
		`${rows} rows of ${historyFormatNames[format]}: ${counts.join(', ')}`,
		...(read.length > 0 ? ['Columns:', ...read] : []),
		`Severities: ${countWords(holds.severities)}`,
		`Kinds: ${countWords(holds.kinds)}`,
		`Declared: ${holds.from ?? 'never'} to ${holds.to ?? 'never'}`,
		`${holds.services} services, ${holds.updates} updates`,
	];
	return `${lines.join('\n')}\n`;
}

function countWords(counts: Readonly<Record<string, number>>): string {
	const some = Object.entries(counts).filter(([, count]) => count > 0);
	return some.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

function tellFaults(file: string, came: Result, complain: (text: string) => void): void {
	for (const warning of came.warnings) complain(`${file}: ${warning}\n`);
	for (const { line: at, sourceId, number } of came.changed) {
		const words = `${sourceId} is here as INC-${number}, and the file says something else of it now.`;
		complain(`${file}: Line ${at}: ${words}\n`);
	}
	for (const { line: at, message } of came.errors) complain(`${file}: Line ${at}: ${message}\n`);
	const more = came.wrong - came.errors.length;
	if (more > 0) complain(`${file}: and ${more} more.\n`);
}
