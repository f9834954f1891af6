import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureIds } from '#core/review/metrics/measures.ts';
import { metricsQuery } from '#core/review/metrics/query.ts';
import { limits } from '#server/limits.ts';
import { answerMetrics } from '#server/metrics/answer.ts';
import { questionOf } from '#server/metrics/question.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { readMeasured } from '#server/storage/metrics/measures.ts';
import { migrate } from '#server/storage/migrate.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { fillIncidents } from '../../support/manyIncidents.ts';

let db: Database;
beforeAll(async () => {
	db = openDatabase({ url: await testDatabaseUrl() }, { max: 2 });
	await migrate(db.sql);
	// Of ten years; some of them are drills, or were cancelled.
	await fillIncidents(db.sql, Math.ceil(limits.metricsWithPresence * 1.1));
});
afterAll(() => db[Symbol.asyncDispose]());

test.each([undefined, 'severity', 'service', 'team', 'month', 'weekHour'] as const)(
	'[M20] measures of many incidents by %s are the same as those of few',
	async (by) => {
		const query = metricsQuery.parse({ from: '2019-01-01', to: '2021-01-01', ...(by && { by }) });
		const question = await questionOf(db.sql, query);
		const ask = (areMany: boolean) =>
			readMeasured(db.sql, question, { measures: measureIds, areMany, plan: null });
		const many = await ask(true);
		expect(many.get('ttrResolve')?.size).toBeGreaterThan(0);
		expect(await ask(false)).toEqual(many);
	},
);

test('people-hours and nights are left out of more incidents than they are counted of', async () => {
	const all = metricsQuery.parse({ from: 'all', parts: 'presence' });
	const { total } = await answerMetrics(db.sql, all);
	expect(total.incidents).toBeGreaterThan(limits.metricsWithPresence);
	expect([total.peopleMs, total.nights, total.peopleNights]).toEqual([null, null, null]);
	const some = metricsQuery.parse({ from: '2020-01-01', to: '2021-01-01', parts: 'presence' });
	const { total: fewer } = await answerMetrics(db.sql, some);
	expect(fewer.peopleMs).toBeGreaterThan(0);
	expect(fewer.peopleNights).toBeGreaterThan(0);
});
