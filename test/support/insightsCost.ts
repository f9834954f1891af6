import type { ISql, Sql } from 'postgres';
import { measureIds, type MeasureId } from '#core/review/metrics/measures.ts';
import {
	metricIncidentsQuery,
	metricsQuery,
	type MetricsQuery,
} from '#core/review/metrics/query.ts';
import { answerMetrics } from '#server/metrics/answer.ts';
import { answerMetricIncidents } from '#server/metrics/incidents.ts';
import { hasDowntime } from '#server/metrics/figures.ts';
import { questionOf } from '#server/metrics/question.ts';
import { limits } from '#server/limits.ts';
import { readClosingRate } from '#server/storage/actions.ts';
import { openDatabase } from '#server/storage/database.ts';
import { readPresence } from '#server/storage/metrics/attendance.ts';
import {
	countUndated,
	readCorrections,
	readCounts,
	readRetros,
} from '#server/storage/metrics/counts.ts';
import { readDowntime, type DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import { readMeasured } from '#server/storage/metrics/measures.ts';
import { asOneMoment } from '#server/storage/metrics/moment.ts';
import { planOf, type Plan } from '#server/storage/metrics/sums/reading.ts';
import { migrate } from '#server/storage/migrate.ts';
import { House } from './house.ts';
import { patientSql } from './patientSql.ts';
import { startPostgres } from './postgres.ts';
import { fillIncidents } from './manyIncidents.ts';
import { sumAllUp } from './sums.ts';

/** Each question is asked so often; the first time does not count. */
const rounds = 3;

/** The time zone of the installation. */
const tz = 'America/Los_Angeles';

/** What is asked: an address's words, and what for. */
const asked = {
	'90 days': '',
	'90 days, SEV1 and SEV2': 'severity=SEV1,SEV2',
	'90 days, a service': 'service=service-7',
	'90 days by week': 'by=week',
	'90 days by severity': 'by=severity',
	'90 days by service': 'by=service',
	'90 days by team': 'by=team',
	'90 days by cause': 'by=cause',
	'90 days by weekday and hour': 'by=weekHour&tz=America/Los_Angeles',
	'a year by month': 'from=2025-11-01&to=2026-11-01&by=month&tz=Asia/Tokyo',
	all: 'from=all',
	'all, SEV1 and SEV2': 'from=all&severity=SEV1,SEV2',
	'all, a service': 'from=all&service=service-7',
	'all by severity': 'from=all&by=severity',
	'all by month': 'from=all&by=month&tz=America/Los_Angeles',
	'all by service': 'from=all&by=service',
	'all by team': 'from=all&by=team',
	'all by cause': 'from=all&by=cause',
	'all by hour': 'from=all&by=hour&tz=America/Los_Angeles',
	'all by weekday and hour': 'from=all&by=weekHour&tz=America/Los_Angeles',
} as const;

/** What a question of the page takes: its slowest query, which that is, and all of its queries; in ms. */
export interface Cost {
	readonly what: string;
	readonly slowest: number;
	readonly which: string;
	readonly whole: number;
}

/** Fills a PostgreSQL of its own and asks it everything, each several times. */
export async function* measureInsights(incidents: number): AsyncGenerator<Cost> {
	await using postgres = await startPostgres();
	{
		await using database = openDatabase(postgres.ownAddress, { max: 2 });
		await migrate(database.sql);
	}
	const sql = patientSql(postgres);
	try {
		await fillIncidents(sql, incidents);
		// An installation sums hours up by its own clocks: those that are asked for below.
		await sql`insert into settings (name, value) values ('timeZone', ${JSON.stringify({ tz })}::text::jsonb)`;
		await sumAllUp(sql, { least: limits.summedFrom, patienceMs: 0 });
		await sql`vacuum analyze`;
		for (const [what, words] of Object.entries(asked)) {
			const query = metricsQuery.parse(wordsOf(words));
			const slowest = await slowestOf(sql, query);
			yield { what, ...slowest, whole: await time(() => answerMetrics(sql, query)) };
		}
		for (const words of lists) {
			const query = metricIncidentsQuery.parse(wordsOf(words));
			const whole = await time(() => answerMetricIncidents(sql, query));
			yield { what: `list, ${words.slice(0, 24)}`, slowest: whole, which: 'both', whole };
		}
	} finally {
		await sql.end();
	}
	yield* measurePages(postgres.url);
}

/** The page as a browser asks for it, by whoever has signed in. */
async function* measurePages(databaseUrl: string): AsyncGenerator<Cost> {
	await using house = await House.open({ databaseUrl });
	for (const [what, words] of Object.entries(pages)) {
		const headers = { Cookie: house.cookieOf('ada') };
		const page = () => fetch(`${house.url}/insights?${words}`, { headers }).then((it) => it.text());
		for (let round = 0; round < warmUps; round++) await page();
		const whole = await time(page);
		yield { what: `page, ${what}`, slowest: whole, which: 'page', whole };
	}
}

/** So often a page is asked for before it counts: connections are made, and code is compiled. */
const warmUps = 5;

const pages = {
	'90 days': '',
	'90 days, a service': 'service=service-7',
	'a year': 'from=2025-11-01&to=2026-11-01',
	'ten years': 'period=all',
} as const;

/** The longest answers of a list. */
const lists = ['limit=500&measure=ttrResolve&order=longest', 'only=downtime&limit=500&from=all'];

function wordsOf(words: string): Record<string, string> {
	return Object.fromEntries(new URLSearchParams(words));
}

/** Each question of an answer by itself. */
async function slowestOf(sql: Sql, query: MetricsQuery): Promise<Pick<Cost, 'slowest' | 'which'>> {
	return asOneMoment(sql, async (tx) => {
		const question = await questionOf(tx, query);
		let cost = { slowest: 0, which: '' };
		const plan = await planOf(tx, question);
		const counts = await readCounts(tx, question, plan);
		const incidents = counts.reduce((total, one) => total + one.incidents, 0);
		for (const [which, ask] of Object.entries(questionsOf(incidents))) {
			const slowest = await time(() => ask(tx, question, plan));
			if (slowest > cost.slowest) cost = { slowest, which };
		}
		return cost;
	});
}

type Ask = (sql: ISql, question: DowntimeQuestion, plan: Plan | null) => Promise<unknown>;

const done = Promise.resolve();

/** What an answer asks about so many incidents. */
function questionsOf(incidents: number): Readonly<Record<string, Ask>> {
	return {
		...measureQuestions(incidents > limits.metricsAtOnce),
		counts: readCounts,
		downtime: (sql, question, plan) =>
			hasDowntime(question) ? readDowntime(sql, question, plan) : done,
		...(incidents <= limits.metricsWithPresence && { presence: readPresence }),
		retros: readRetros,
		actions: readClosingRate,
		undated: countUndated,
		corrections: (sql, question) => readCorrections(sql, question, limits.metricCorrections),
	};
}

function measureQuestions(areMany: boolean): Readonly<Record<string, Ask>> {
	const askFor =
		(measures: readonly MeasureId[]): Ask =>
		(sql, question, plan) =>
			readMeasured(sql, question, { measures, areMany, plan });
	if (!areMany) return { measures: askFor(measureIds) };
	return Object.fromEntries(measureIds.map((id) => [id, askFor([id])]));
}

/** The middle of several times, in ms, the first of which does not count. */
async function time(work: () => Promise<unknown>): Promise<number> {
	await work();
	const took: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const began = performance.now();
		await work();
		took.push(performance.now() - began);
	}
	return took.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Infinity;
}
