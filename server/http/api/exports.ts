import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import type { PersonId } from '#core/ids.ts';
import { exportFormats, type ExportFormat } from '#core/review/export/formats.ts';
import { milestones } from '#core/incident/lifecycle.ts';
import { incidentCalendar } from '#core/review/export/calendar.ts';
import { timelineCsv } from '#core/review/export/csv.ts';
import { labelOf } from '#core/review/export/exported.ts';
import { incidentMarkdown } from '#core/review/export/markdown.ts';
import { filesOfBundle } from '#server/history/bundle.ts';
import { peopleIn } from '#server/history/names.ts';
import { nothingLearnt, takeLearning, type Learning } from '#server/history/takeLearning.ts';
import { takeOut, type TakenOut } from '#server/history/takeOut.ts';
import { writeZip } from '#server/history/zip.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { readExports } from '#server/storage/exports.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { originOf } from './provenance.ts';
import { describeIncident, instantField, isoOf, named, namedField } from './reading.ts';

const types: Readonly<Record<ExportFormat, string>> = {
	bundle: 'application/zip',
	json: 'application/json',
	md: 'text/markdown; charset=utf-8',
	csv: 'text/csv; charset=utf-8',
	ics: 'text/calendar; charset=utf-8',
};

const take = createRoute({
	method: 'get',
	path: '/incidents/{id}/export',
	summary: 'Take an incident out as a file',
	description:
		'`bundle` is a ZIP with all of it: Markdown, JSON and CSV for people, the whole history for another ' +
		'Muster, which makes the very same incident of it, its retrospective and action items included. `md`, `json`, `csv` (the timeline) and `ics` (an ' +
		'event of a calendar) are single files. Who took it out is noted.',
	request: {
		params: incidentParams,
		query: z.strictObject({ format: z.enum(exportFormats).default('bundle') }),
	},
	responses: {
		200: {
			description: 'A file to be saved',
			content: Object.fromEntries(
				Object.values(types).map((type) => [type, { schema: z.string() }]),
			),
		},
	},
});

const log = createRoute({
	method: 'get',
	path: '/incidents/{id}/exports',
	summary: 'Who took an incident out, the last one first',
	request: { params: incidentParams },
	responses: {
		200: {
			description: 'Each with the turn that was the last in it, and the chain’s head after that',
			content: json(
				z.object({
					exports: z.array(
						z.object({
							by: namedField,
							at: instantField,
							format: z.string(),
							turn: z.int(),
							head: z.string(),
						}),
					),
				}),
			),
		},
	},
});

export interface ExportRouteParts extends IncidentParts {
	readonly publicUrl: string;
	readonly people: IncidentParts['people'] & Parameters<typeof peopleIn>[0]['people'];
}

/** `/incidents/{id}/export` and `/exports`: files for people and for another Muster, and who took them. */
export function exportRoutes(parts: ExportRouteParts): ApiRouter {
	const { db, people } = parts;
	return newRouter()
		.openapi(take, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const { format } = c.req.valid('query');
			const how = { by: signedIn(c), format };
			const from = { ...parts, sql: db.sql };
			const learning = format === 'bundle' ? await takeLearning(from, id) : nothingLearnt;
			const taken = await takeOut(from, id, how);
			const ending = format === 'bundle' ? 'zip' : format;
			c.header('Content-Type', types[format]);
			c.header('Content-Disposition', `attachment; filename="${labelOf(taken)}.${ending}"`);
			if (format !== 'bundle') return c.body(await textOf(parts, taken, format));
			const files = await bundleOf(parts, taken, learning);
			return c.body(Readable.toWeb(Readable.from(writeZip(files, taken.at))) as ReadableStream);
		})
		.openapi(log, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			await patiently(() => parts.known.of(id));
			const exports = await patiently(() => readExports(db.sql, id, limits.exportsListed));
			return c.json({
				exports: exports.map(({ by, at, format, turn, head }) => ({
					by: named(by, people.nameOf),
					at: isoOf(at),
					...{ format, turn },
					head: Buffer.from(head).toString('hex'),
				})),
			});
		});
}

async function bundleOf(
	parts: ExportRouteParts,
	taken: TakenOut,
	learning: Learning,
): Promise<ReturnType<typeof filesOfBundle>> {
	const json = await jsonOf(parts, taken);
	const ids = new Set((await peopleIn(parts, taken.id)).map(({ id }) => id));
	const { publicUrl, db } = parts;
	const isKnown = (person: PersonId) => ids.has(person);
	return filesOfBundle({ sql: db.sql, publicUrl, json, isKnown, learning }, taken);
}

async function textOf(
	parts: ExportRouteParts,
	taken: TakenOut,
	format: Exclude<ExportFormat, 'bundle'>,
): Promise<string> {
	switch (format) {
		case 'json':
			return jsonOf(parts, taken);
		case 'md':
			return incidentMarkdown(taken);
		case 'csv':
			return timelineCsv(taken);
		case 'ics':
			return incidentCalendar(taken);
		default:
			return format satisfies never;
	}
}

/** As `GET /incidents/{id}` answers, with the provenance of every milestone, for a file. */
async function jsonOf(
	{ known, people }: ExportRouteParts,
	{ id, number, reading, nameOf, turn, head, at }: TakenOut,
): Promise<string> {
	const { importedFrom } = await originOf(known, id, people.nameOf);
	const reached = milestones.flatMap((milestone) => {
		const one = reading.milestones[milestone];
		if (!one) return [];
		return [
			{
				milestone,
				at: isoOf(one.at),
				by: named(one.by, nameOf),
				recordedAt: isoOf(one.recordedAt),
				original: isoOf(one.original ?? null),
			},
		];
	});
	const exported = { at: isoOf(at), turn, head: Buffer.from(head).toString('hex') };
	const described = describeIncident({ id, number }, reading, nameOf);
	return `${JSON.stringify({ ...described, reached, importedFrom, exported }, null, '\t')}\n`;
}
