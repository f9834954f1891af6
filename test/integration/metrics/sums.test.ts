import type { Sql, TransactionSql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Measured } from '#core/review/metrics/answer.ts';
import { measureIds, type MeasureState } from '#core/review/metrics/measures.ts';
import { metricsQuery } from '#core/review/metrics/query.ts';
import { hasDowntime } from '#server/metrics/figures.ts';
import { questionOf } from '#server/metrics/question.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { readCounts, readRetros } from '#server/storage/metrics/counts.ts';
import { readDowntime, type DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import { countSelected } from '#server/storage/metrics/incidents.ts';
import { readMeasured } from '#server/storage/metrics/measures.ts';
import { asOneMoment } from '#server/storage/metrics/moment.ts';
import {
	findUnsummed,
	forgetChanges,
	forgetSums,
	readSummed,
	sumTerm,
} from '#server/storage/metrics/sums/terms.ts';
import { planOf, type Plan } from '#server/storage/metrics/sums/reading.ts';
import { migrate } from '#server/storage/migrate.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { fillIncidents } from '../../support/manyIncidents.ts';
import { sumAllUp } from '../../support/sums.ts';

let db: Database;
beforeAll(async () => {
	db = openDatabase({ url: await testDatabaseUrl() }, { max: 3 });
	await migrate(db.sql);
	await fillIncidents(db.sql, 3_000, 4);
	await disturb();
	// It has hours that come twice, and one that never comes.
	const zone = JSON.stringify({ tz: 'America/Los_Angeles' });
	await db.sql`insert into settings (name, value) values ('timeZone', ${zone}::text::jsonb)`;
});
afterAll(() => db[Symbol.asyncDispose]());
beforeEach(async () => {
	await sumAll();
});

const summing = { least: 1, patienceMs: 0 };

const sumAll = () => sumAllUp(db.sql, summing);

/** Lengths that are the same, none at all, states of each kind, and what goes on. */
async function disturb(): Promise<void> {
	await db.sql`
		update projected_measures m set ttr_resolve = case i.number % 6
				when 0 then 0 when 1 then 3600000 when 2 then -1 when 3 then -4 else m.ttr_resolve end,
			is_over = i.number % 7 > 0, is_downtime_known = i.number % 11 > 0,
			gap_since = case when i.number % 50 = 0 then m.declared_at end,
			silent_since = case when i.number % 70 = 0 then m.declared_at + interval '1 day' end
		from incidents i where i.id = m.incident`;
	await db.sql`
		update projected_retros r set due_at = case i.number % 3
				when 0 then null when 1 then now() + interval '1 day' else r.due_at end
		from incidents i where i.id = r.incident`;
	await db.sql`
		update projected_downtimes d set until = null
		from incidents i where i.id = d.incident and i.number % 1000 = 3`;
}

/** All figures of a question, from sums or from each incident. */
async function figuresOf(tx: TransactionSql, question: DowntimeQuestion, plan: Plan | null) {
	const counts = await readCounts(tx, question, plan);
	const measured = await readMeasured(tx, question, {
		measures: measureIds,
		areMany: plan !== null,
		plan,
	});
	const named = Array.from(
		counts,
		({ key, severity, incidents, over, unknownDowntime, ...ms }) => ({
			...{ key, severity, incidents, over, unknownDowntime },
			...{ commanderGapMs: ms.commanderGapMs, withoutUpdateMs: ms.withoutUpdateMs },
		}),
	);
	return {
		counts: new Set(named.map((one) => JSON.stringify(one))),
		measured: new Map(
			Array.from(measured, ([id, groups]) => [id, new Map([...groups].filter(isFilled))]),
		),
		downtime: hasDowntime(question) ? await readDowntime(tx, question, plan) : null,
		retros: new Map(
			Array.from(await readRetros(tx, question, plan), ({ key, begun, published, overdue }) => [
				key,
				{ begun, published, overdue },
			]),
		),
	};
}

/** Months without an incident may be there or not. */
function isFilled([, { n, pending, notApplicable, invalid, zero }]: [unknown, Measured]): boolean {
	return n + pending + notApplicable + invalid + zero > 0;
}

async function bothWays(words: string) {
	return asOneMoment(db.sql, async (tx) => {
		const query = metricsQuery.parse(Object.fromEntries(new URLSearchParams(words)));
		const question = await questionOf(tx, query);
		const plan = await planOf(tx, question);
		return {
			summed: plan?.summed.flatMap(({ sums }) => sums) ?? [],
			sums: plan && (await figuresOf(tx, question, plan)),
			each: await figuresOf(tx, question, null),
		};
	});
}

const years = 'from=2023-03-09T05:00:00Z&to=2026-08-21';

test.each([
	'from=all',
	years,
	`${years}&tz=America/Los_Angeles&by=month`,
	`${years}&tz=Asia/Kathmandu&by=year`,
	`${years}&by=severity`,
	`${years}&by=service&tz=Asia/Tokyo`,
	`${years}&by=team`,
	`${years}&by=cause`,
	`${years}&severity=SEV1,none&by=severity`,
	`${years}&severity=SEV2,SEV3&by=month`,
	`${years}&service=service-7&by=month`,
	`${years}&team=team-3`,
	`${years}&cause=cause-5&by=year`,
	`${years}&by=hour&tz=America/Los_Angeles`,
	`${years}&by=weekHour&tz=America/Los_Angeles`,
])('[M16] figures from sums are those of each incident: %s', async (words) => {
	const { summed, sums, each } = await bothWays(words);
	expect(summed.map((term) => term.length)).toContain(/by=month/.test(words) ? 7 : 4);
	expect(each.measured.get('ttrResolve')?.size).toBeGreaterThan(0);
	expect([...each.retros.values()].some(({ overdue }) => overdue > 0)).toBe(true);
	expect(sums).toEqual(each);
});

test('what several filters ask for, hours of other zones or of a short time, kinds and drills are read from each incident', async () => {
	for (const words of [
		'from=2024-01-01&to=2024-11-01&by=hour&tz=America/Los_Angeles',
		'severity=SEV1&service=service-7',
		'service=service-7&by=service',
		'by=hour&tz=Asia/Tokyo',
		'by=weekHour&tz=America/Los_Angeles&severity=SEV1',
		'by=kind',
		'kind=drill',
	]) {
		expect((await bothWays(/^from/.test(words) ? words : `${years}&${words}`)).summed).toEqual([]);
	}
});

test('[M16] a list says as many as each incident gives, in all and of each state', async () => {
	await asOneMoment(db.sql, async (tx) => {
		const question = await questionOf(
			tx,
			metricsQuery.parse({ from: '2023-03-09', to: '2026-08-21' }),
		);
		const asked = { measures: ['ttrResolve'], areMany: false, plan: null } as const;
		const measured = (await readMeasured(tx, question, asked)).get('ttrResolve')?.get(null);
		const count = (measure: 'ttrResolve' | null, state: MeasureState | null) =>
			countSelected(tx, question, { key: null, only: null, measure, state });
		expect(await planOf(tx, question)).not.toBeNull();
		expect(await count('ttrResolve', 'valid')).toBe(measured?.n);
		for (const state of ['pending', 'notApplicable', 'invalid', 'zero'] as const) {
			expect(await count('ttrResolve', state)).toBe(measured?.[state]);
		}
		const counts = await readCounts(tx, question, null);
		const incidents = counts.reduce((total, one) => total + one.incidents, 0);
		expect(await count(null, null)).toBe(incidents);
	});
});

const whole = { from: '2015-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
const summed = async () => [...(await readSummed(db.sql, whole))].sort();

/** What can change, each with a grouping that shows it. */
const changes: readonly (readonly [
	string,
	string,
	(sql: Sql, incident: string) => Promise<unknown>,
])[] = [
	[
		'a time',
		'month',
		(sql, incident) => sql`
		update projected_measures set ttr_resolve = 17 where incident = ${incident}`,
	],
	[
		'a severity',
		'severity',
		(sql, incident) => sql`
		update projected_measures set severity = 'SEV2' where incident = ${incident}`,
	],
	[
		'an outage',
		'severity',
		(sql, incident) => sql`
		update projected_downtimes set until = until + interval '1 h' where incident = ${incident}`,
	],
	[
		'a service',
		'service',
		(sql, incident) => sql`
		insert into projected_services (incident, service) values (${incident}, 'new')`,
	],
	[
		'a retrospective',
		'month',
		(sql, incident) => sql`
		update projected_retros set version = 1 - version where incident = ${incident}`,
	],
	[
		'a cause',
		'cause',
		(sql, incident) => sql`
		delete from projected_causes where incident = ${incident}`,
	],
	[
		'that there was an outage',
		'service',
		(sql, incident) => sql`
		delete from projected_downtimes where incident = ${incident}`,
	],
	[
		'when it was declared',
		'month',
		(sql, incident) => sql`
		update projected_measures set declared_at = '2025-05-04' where incident = ${incident}`,
	],
	[
		'a team',
		'team',
		(sql) => sql`
		update services set team = 'team-9' where name = 'service-7'`,
	],
];

test.each(changes)(
	'[M17] whatever changes in a month, figures are the new ones at once, and it is summed up again: %s',
	async (_what, by, change) => {
		const { sql } = db;
		const [{ incident }] = await sql<[{ incident: string }]>`
		select m.incident from projected_measures m join projected_services s using (incident)
		join projected_causes c using (incident) join projected_downtimes d using (incident)
		where m.counts and m.is_over and m.kind = 'incident' and m.severity = 'SEV1'
			and m.declared_at between '2024-02-03' and '2024-11-20' order by m.declared_at limit 1`;
		const before = await summed();
		const words = `from=2024-01-01&to=2026-01-01&by=${by}`;
		const { each: old } = await bothWays(words);
		await change(sql, incident);
		expect((await summed()).length).toBeLessThan(before.length);
		const now = await bothWays(words);
		expect(now.each).not.toEqual(old);
		// Of all months one may not be summed up now; what teams are concerns every one.
		expect(now.sums ?? now.each).toEqual(now.each);
		await sumAll();
		expect(await summed()).toEqual(before);
		const { sums, each } = await bothWays(words);
		expect(sums).toEqual(each);
	},
);

test('[M18] a change that is under way while a month is summed up is not missed', async () => {
	const { sql } = db;
	const month = '2024-03';
	let goOn = (): void => undefined;
	const waits = new Promise<void>((resolve) => (goOn = resolve));
	let changed = (): void => undefined;
	const hasChanged = new Promise<void>((resolve) => (changed = resolve));
	const underWay = sql.begin(async (tx) => {
		await tx`
			update projected_measures set ttr_resolve = 4711
			where declared_at between '2024-03-05' and '2024-03-20' and severity = 'SEV3'`;
		changed();
		await waits;
	});
	await hasChanged;
	await sumTerm(sql, month);
	expect(await summed()).toContain(month);
	goOn();
	await underWay;
	expect(await summed()).not.toContain(month);
	await forgetChanges(sql);
	expect(await summed()).not.toContain(month);
	expect(await findUnsummed(sql, summing)).toEqual([month]);
	await sumTerm(sql, month);
	expect(await summed()).toContain(month);
});

test('hours are summed up anew for another time zone, and figures are right meanwhile', async () => {
	const tokyo = `${years}&by=weekHour&tz=Asia/Tokyo`;
	const choose = (tz: string) =>
		db.sql`update settings set value = ${JSON.stringify({ tz })}::text::jsonb where name = 'timeZone'`;
	expect((await bothWays(tokyo)).summed).toEqual([]);
	await choose('Asia/Tokyo');
	const [first] = await findUnsummed(db.sql, summing);
	if (first !== undefined) await sumTerm(db.sql, first);
	const between = await bothWays(`${years}&by=service`);
	expect(between.sums).toEqual(between.each);
	await sumAll();
	const { summed: used, sums, each } = await bothWays(tokyo);
	expect(used).toContain('2024');
	expect(sums).toEqual(each);
	await choose('America/Los_Angeles');
});

test('[M19] sums can be dropped and are made anew, byte for byte', async () => {
	const { sql } = db;
	const tables = ['summed_terms', 'summed_counts', 'summed_downtimes', 'summed_measures'];
	const dump = async () => {
		const digests: unknown[] = [];
		for (const table of tables) {
			digests.push(
				...(await sql`
					select count(*) as rows, md5(string_agg(kept::text, '\n' order by kept::text)) as digest
					from ${sql(table)} kept`),
			);
		}
		return digests;
	};
	const before = await dump();
	await forgetSums(sql);
	for (const table of tables) await sql`delete from ${sql(table)}`;
	expect(await summed()).toEqual([]);
	await sumAll();
	expect(await dump()).toEqual(before);
});
