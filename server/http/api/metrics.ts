import { createRoute, z } from '@hono/zod-openapi';
import * as mini from 'zod/mini';
import { kinds } from '#core/incident/lifecycle.ts';
import { metricIncidentsAnswer, metricsAnswer } from '#core/review/metrics/answer.ts';
import { metricIncidentsCsv, metricsCsv } from '#core/review/metrics/csv.ts';
import { groupings, severityFilters } from '#core/review/metrics/groupings.ts';
import { measureIds, measureStates } from '#core/review/metrics/measures.ts';
import {
	incidentSelections,
	metricIncidentsQuery,
	metricParts,
	metricsQuery,
} from '#core/review/metrics/query.ts';
import { chosenSettings, metricSettings } from '#core/review/metrics/settings.ts';
import { answerMetricIncidents } from '#server/metrics/incidents.ts';
import { answerMetrics } from '#server/metrics/answer.ts';
import { patiently } from '#server/storage/away.ts';
import type { Database } from '#server/storage/database.ts';
import { chooseMetricSettings, readMetricSettings } from '#server/storage/metrics/settings.ts';
import { readBody, refusalOf } from '../body.ts';
import { describedAnswer, describedBody } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';

const word = z.string().optional();
const asked = {
	from: word.openapi({
		description: 'A day in the zone, an instant, or `all`; 90 days before `to`',
	}),
	to: word.openapi({ description: 'A day in the zone, or an instant, which is not in it; now' }),
	tz: word.openapi({ description: 'A zone of the IANA database; UTC' }),
	kind: word.openapi({ enum: [...kinds], description: 'incident unless another one is meant' }),
	severity: word.openapi({ description: `Some of ${severityFilters.join(', ')}` }),
	service: word,
	team: word,
	cause: word,
	by: word.openapi({ enum: [...groupings] }),
	format: word.openapi({ enum: ['json', 'csv'] }),
};

const csv = { 'text/csv': { schema: z.string() } };

const figures = createRoute({
	method: 'get',
	path: '/metrics',
	summary: 'Figures over the incidents of a period',
	description: 'What each one is, and how it is counted, is in docs/METRICS.md.',
	request: {
		query: z.strictObject({
			...asked,
			compare: word.openapi({ enum: ['previous'] }),
			measures: word.openapi({ description: `Some of ${measureIds.join(', ')}; all` }),
			parts: word.openapi({ description: `Some of ${metricParts.join(', ')}; all` }),
			total: word.openapi({
				enum: ['whole', 'counted'],
				description: 'Whether the total has all that groups have, or is counted alone; whole',
			}),
		}),
	},
	responses: {
		200: {
			description: 'All of them as of one moment',
			content: { ...describedAnswer(metricsAnswer), ...csv },
		},
	},
});

const incidents = createRoute({
	method: 'get',
	path: '/metrics/incidents',
	summary: 'The incidents that a figure came from',
	description: 'With what the figure was asked with, `by` and `key` for a group of it.',
	request: {
		query: z.strictObject({
			...asked,
			key: word.openapi({ description: 'The key of a group; empty for what has none' }),
			measure: word.openapi({ enum: [...measureIds] }),
			state: word.openapi({ enum: [...measureStates] }),
			only: word.openapi({ enum: [...incidentSelections] }),
			order: word.openapi({ enum: ['newest', 'longest'] }),
			limit: word,
			offset: word,
		}),
	},
	responses: {
		200: {
			description: 'Some of them, and how many there are',
			content: { ...describedAnswer(metricIncidentsAnswer), ...csv },
		},
	},
});

const settingsContent = describedAnswer(metricSettings);

const settings = createRoute({
	method: 'get',
	path: '/settings/metrics',
	summary: 'How figures are counted here',
	responses: { 200: { description: 'What is chosen', content: settingsContent } },
});

const changeSettings = createRoute({
	method: 'patch',
	path: '/settings/metrics',
	summary: 'Choose how figures are counted here',
	description:
		'Which severities are downtime, and the time zone that the insights begin with. Admins only; what is not ' +
		'named stays.',
	request: { body: describedBody(chosenSettings) },
	responses: { 200: { description: 'What is chosen now', content: settingsContent } },
});

/** `/metrics` and `/settings/metrics`: what is counted over all incidents, for everybody who may read. */
export function metricRoutes({ db }: { readonly db: Database }): ApiRouter {
	return newRouter()
		.openapi(figures, async (c) => {
			allowed(c, 'read');
			const query = readQuery(metricsQuery, c.req.valid('query'));
			const answer = await patiently(() => answerMetrics(db.sql, query));
			if (query.format === 'json') return c.json(answer, 200);
			return c.body(metricsCsv(answer), 200, csvHeaders('metrics', answer.period.from));
		})
		.openapi(incidents, async (c) => {
			allowed(c, 'read');
			const query = readQuery(metricIncidentsQuery, c.req.valid('query'));
			const answer = await patiently(() => answerMetricIncidents(db.sql, query));
			if (query.format === 'json') return c.json(answer, 200);
			return c.body(metricIncidentsCsv(answer), 200, csvHeaders('incidents', answer.period.from));
		})
		.openapi(settings, async (c) => {
			allowed(c, 'read');
			return c.json(await patiently(() => readMetricSettings(db.sql)), 200);
		})
		.openapi(changeSettings, async (c) => {
			const { id } = allowed(c, 'administer');
			const chosen = await readBody(c, chosenSettings);
			const now = await patiently(() => chooseMetricSettings(db.sql, { chosen, by: id }));
			return c.json(now, 200);
		});
}

function readQuery<T extends mini.core.$ZodType>(schema: T, query: object): mini.core.output<T> {
	const read = mini.safeParse(schema, query);
	if (read.success) return read.data;
	throw refusalOf(read.error.issues);
}

function csvHeaders(what: string, from: string): Record<string, string> {
	return {
		'Content-Type': 'text/csv; charset=utf-8',
		'Content-Disposition': `attachment; filename="muster-${what}-${from.slice(0, 10)}.csv"`,
	};
}
