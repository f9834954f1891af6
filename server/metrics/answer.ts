import type { ISql, Sql } from 'postgres';
import type { MetricsAnswer } from '#core/review/metrics/answer.ts';
import { keyFrom } from '#core/review/metrics/groupKeys.ts';
import { measureIds } from '#core/review/metrics/measures.ts';
import { metricParts, type MetricsQuery } from '#core/review/metrics/query.ts';
import { limits } from '#server/limits.ts';
import { readClosingRate } from '#server/storage/actions.ts';
import { countUndated, readCorrections } from '#server/storage/metrics/counts.ts';
import type { DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import type { RawKey } from '#server/storage/metrics/scope.ts';
import { asOneMoment } from '#server/storage/metrics/moment.ts';
import { readFigures, type Wanted } from './figures.ts';
import { before, inTotal, questionOf } from './question.ts';

const counted: Wanted = { measures: [], parts: ['counts'] };

/** The figures of a period, all as of one moment. Throws a `Refusal` for a period that cannot be. */
export async function answerMetrics(sql: Sql, asked: MetricsQuery): Promise<MetricsAnswer> {
	return asOneMoment(sql, async (tx) => {
		const question = await questionOf(tx, asked);
		const parts = asked.parts ?? metricParts;
		const measures = parts.includes('measures') ? (asked.measures ?? measureIds) : [];
		const wanted = { measures, parts };
		const total = inTotal(question);
		const earlier = asked.compare === undefined ? null : before(total);
		const { asOf, tz } = question;
		return {
			...{ asOf, tz, by: asked.by ?? null },
			period: periodOf(question),
			filters: {
				kind: asked.kind,
				severity: asked.severity ? [...asked.severity] : null,
				service: asked.service ?? null,
				team: asked.team ?? null,
				cause: asked.cause ?? null,
			},
			downtimeSeverities: [...question.downtimeSeverities],
			total: await readTotal(tx, total, asked.total === 'counted' ? counted : wanted),
			groups: await readGroups(tx, question, wanted),
			previous: earlier && {
				period: periodOf(earlier),
				total: await readTotal(tx, earlier, wanted),
			},
			actions: await readClosingRate(tx, question),
			undated: await countUndated(tx, question),
			corrections: await readCorrections(tx, question, limits.metricCorrections),
		};
	});
}

async function readTotal(tx: ISql, question: DowntimeQuestion, wanted: Wanted) {
	return (await readFigures(tx, question, wanted)).of(null);
}

/** Groups in the order of their keys; stretches of time that have no incident stand there too. */
async function readGroups(
	tx: ISql,
	question: DowntimeQuestion,
	wanted: Wanted,
): Promise<MetricsAnswer['groups']> {
	const { by, stretches } = question;
	if (by === null) return [];
	// Practice and maintenance have groups of their own, and no part in the total.
	const scope = by === 'kind' ? { ...question.scope, kind: null } : question.scope;
	const figures = await readFigures(tx, { ...question, scope }, wanted);
	const raws: RawKey[] =
		stretches.length > 0 ? stretches.map((_stretch, i) => i + 1) : inOrder(figures.keys);
	const names = stretches.map(({ key }) => key);
	return raws.map((raw) => ({
		key: keyFrom(by, raw, names),
		figures: figures.of(raw),
	}));
}

/** What has no key comes last. */
function inOrder(keys: readonly RawKey[]): RawKey[] {
	return [...keys].sort((a, b) => {
		if (a === null || b === null) return a === null ? 1 : -1;
		if (typeof a === 'number' && typeof b === 'number') return a - b;
		return String(a) < String(b) ? -1 : 1;
	});
}

/** A question's period as answers tell it. */
export function periodOf({ from, to, until }: DowntimeQuestion): MetricsAnswer['period'] {
	return { from, to, until };
}
