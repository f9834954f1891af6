import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { HistoryFile } from '#core/incident/historyFile/historic.ts';
import {
	historyImportQuery,
	readingOf,
	type HistoryImportQuery,
} from '#core/incident/historyFile/importWire.ts';
import { historySteps } from '#core/incident/historyFile/readHistoryFile.ts';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { Slices } from '#server/history/slices.ts';
import type { CreateParts } from '#server/incidents/create.ts';
import { importHistory, knownOutcomes } from '#server/incidents/importHistory.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { patiently } from '#server/storage/away.ts';
import { refusalOf } from '../body.ts';
import type { ApiEnv } from '../env.ts';
import { historyBody, readLarge } from '../largeBodies.ts';
import { json } from '../openapi.ts';
import { answerFor } from '../problems.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { readUtf8 } from '../utf8.ts';
import { allowed } from '../who.ts';
import { answerOf, importedHistory, type ImportedHistory } from './importedHistory.ts';

const text = { schema: { type: 'string' } } as const;
const name = z.string().optional();

const route = createRoute({
	method: 'post',
	path: '/imports/incidents',
	summary: 'Bring in past incidents that another system has kept',
	description:
		'The body is the file, up to 10 MiB: JSON lines, CSV, or Statuspage’s `incidents.json`. Each incident ' +
		'is known by `source` (the host of its address unless given) and its id there: what was imported ' +
		'before is not imported again. Good rows are imported and wrong ones told, with their lines; with ' +
		'`allOrNothing` one wrong row keeps all from being imported. `dryRun` only tells what would be. The ' +
		'names of columns of a CSV are guessed where they are not given (`declared=started_at`; `severity=` for ' +
		'none). With `Accept: application/x-ndjson` lines of `{done, of}` come before `{result}`, or `{error}` (admins).',
	request: {
		// Described, not checked: the question is read by the schema of `core`.
		query: z.object({
			...{ format: name, source: name, zone: name, dryRun: name, allOrNothing: name },
			...{ id: name, title: name, url: name, declared: name, resolved: name },
			...{ impactStarted: name, impactEnded: name, severity: name, kind: name, services: name },
		}),
		body: {
			required: true,
			content: { 'application/x-ndjson': text, 'text/csv': text, 'application/json': text },
		},
	},
	responses: {
		200: {
			description: 'What came of it',
			content: { ...json(importedHistory), 'application/x-ndjson': { schema: z.any() } },
		},
	},
});

export interface HistoryImportParts extends CreateParts {
	/** Epoch ms. */
	readonly now: () => number;
	readonly log: Logger;
}

interface Work {
	readonly file: HistoryFile;
	readonly write: (progress: Progress) => Promise<ImportedHistory>;
}

/** `/imports/incidents`: the history of another system. */
export function historyImportRoutes(parts: HistoryImportParts): ApiRouter {
	let isBusy = false;
	const router = newRouter();
	// It answers in two forms, of which typed routes know one.
	router.openAPIRegistry.registerPath(route);
	router.post(route.path, async (c) => {
		const person = allowed(c, 'administer');
		const query = queryOf(c);
		const bytes = await readLarge(c.req.raw, historyBody);
		if (isBusy) throw new Refusal('tooMany', 'Another file is being imported. Wait a moment.');
		isBusy = true;
		const done = () => {
			isBusy = false;
		};
		try {
			const file = await readFile(readUtf8(bytes), { query, now: parts.now() });
			const work = {
				file,
				write: (progress: Progress) => write(parts, person, { file, query, progress }),
			};
			if (isStreamWanted(c)) {
				const body = linesOf(work, { log: parts.log, done });
				return c.body(body, 200, { 'Content-Type': 'application/x-ndjson' });
			}
			return c.json(await work.write(() => undefined).finally(done), 200);
		} catch (error) {
			done();
			throw error;
		}
	});
	return router;
}

type Progress = (done: number) => void;

async function write(
	parts: HistoryImportParts,
	person: Person,
	{
		file,
		query,
		progress,
	}: Omit<Work, 'write'> & { query: HistoryImportQuery; progress: Progress },
): Promise<ImportedHistory> {
	const { incidents, faults } = file;
	const { dryRun: isDryRun = false, allOrNothing: isWhole = false } = query;
	const isRefused = isWhole && faults.length > 0;
	if (isDryRun || isRefused) {
		const known = await patiently(() => knownOutcomes(parts, incidents));
		const imported = isRefused ? 0 : incidents.length - known.size;
		return answerOf({ file, isDryRun }, { imported, outcomes: [...known.values()] });
	}
	const outcomes = await importHistory(parts, person, { incidents, isWhole, progress });
	const imported = outcomes.filter(({ state }) => state === 'imported').length;
	return answerOf({ file, isDryRun }, { imported, outcomes });
}

function queryOf(c: Context<ApiEnv>): HistoryImportQuery {
	const given = Object.entries(c.req.queries()).map(([key, values]) => {
		if (values.length > 1) throw new Refusal('invalid', 'This is given twice.', key.slice(0, 100));
		return [key, values[0]];
	});
	const read = historyImportQuery.safeParse(Object.fromEntries(given));
	if (read.success) return read.data;
	throw refusalOf(read.error.issues);
}

async function readFile(
	text: string,
	{ query, now }: { query: HistoryImportQuery; now: number },
): Promise<HistoryFile> {
	const most = {
		rows: limits.historyRows,
		rowLength: limits.historyRowLength,
		columns: limits.historyColumns,
	};
	const steps = historySteps(text, { ...readingOf(query), now, most });
	const slices = new Slices(limits.sliceMs);
	for (;;) {
		const step = steps.next();
		if (step.done) return step.value;
		if (slices.isOver) await slices.pass();
	}
}

function isStreamWanted(c: Context<ApiEnv>): boolean {
	return c.req.header('accept')?.includes('application/x-ndjson') === true;
}

/** Lines of progress, and at last what came of it. Nobody who listens need be there for the import to go on. */
function linesOf(
	{ file, write }: Work,
	{ log, done }: { readonly log: Logger; readonly done: () => void },
): ReadableStream<Uint8Array> {
	const of = file.incidents.length;
	const encoder = new TextEncoder();
	let isGone = false;
	return new ReadableStream<Uint8Array>({
		start(controller) {
			const say = (line: object) => {
				if (!isGone) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
			};
			const finish = () => {
				done();
				if (!isGone) controller.close();
			};
			say({ done: 0, of });
			write((count) => say({ done: count, of }))
				.then(
					(result) => say({ result }),
					(error: unknown) => {
						const { code, message, isFault } = answerFor(error);
						if (isFault) log.error({ err: error }, 'import failed');
						say({ error: { code, message: code === 'fault' ? unforeseen : message } });
					},
				)
				.finally(finish);
		},
		cancel() {
			isGone = true;
		},
	});
}

const unforeseen =
	'Something went wrong here. Import the file again: what is here already stays as it is, the rest comes.';
