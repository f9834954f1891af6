import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Measured } from '#core/review/metrics/answer.ts';
import { openDatabase } from '#server/storage/database.ts';
import golden from '../../golden/github.json' with { type: 'json' };
import { TestApi } from '../../support/api.ts';
import { testDatabase, testDatabaseUrl } from '../../support/database.ts';
import { behind, metrics, untilCounted } from '../../support/past.ts';

const folder = path.resolve(import.meta.dirname, '../..');
const raw = await readFile(
	path.join(folder, 'fixtures/incidents/github-status-2022-2024.jsonl'),
	'utf8',
);

interface Figure {
	readonly by: string;
	readonly key: string;
}

test('[M14] plain SQL over the raw rows and a script in Python come to the same figures', async () => {
	await using db = await testDatabase();
	const statement = await readFile(path.join(folder, 'golden/github.sql'), 'utf8');
	const figures = await db.sql.begin(async (tx) => {
		await tx`create temporary table raw (line jsonb) on commit drop`;
		await tx`insert into raw select line::jsonb from unnest(${raw.trimEnd().split('\n')}::text[]) line`;
		const rows = await tx.unsafe<{ figure: Figure }[]>(statement);
		return rows.map(({ figure }) => figure);
	});
	const of = (by: string) => figures.filter((one) => one.by === by);
	const named = (by: string, key: string, { invalid: _none, ...rest }: { invalid: number }) => ({
		...{ by, key },
		...rest,
	});
	expect(of('all')).toEqual([named('all', '', golden.all)]);
	expect(sorted(of('bySeverity'))).toEqual(
		Object.entries(golden.bySeverity).map(([key, one]) => named('bySeverity', key, one)),
	);
	const months = Object.entries(golden.byMonth).flatMap(([zone, ofZone]) =>
		Object.entries(ofZone).map(([month, one]) => named('byMonth', `${zone} ${month}`, one)),
	);
	expect(sorted(of('byMonth'))).toEqual(sorted(months));
	expect(sorted(of('byYear'))).toEqual(
		Object.entries(golden.byYear).map(([key, { downtime }]) => ({ by: 'byYear', key, downtime })),
	);
});

function sorted<T extends Figure>(figures: readonly T[]): T[] {
	return figures.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

test('[M15] every figure of 399 real incidents is the one that independent scripts come to', async () => {
	const url = await testDatabaseUrl();
	await using db = openDatabase({ url }, { max: 2 });
	await using api = await TestApi.start(url);
	await api.setUp();
	const headers = { 'Content-Type': 'application/x-ndjson' };
	const { status, body, text } = await api.ask('POST /imports/incidents', { raw, headers });
	expect([status, body], text).toMatchObject([200, { rows: golden.rows, imported: golden.rows }]);
	await untilCounted({ sql: db.sql });

	const { total, groups } = await metrics(api, 'from=all&by=severity');
	expect(total.incidents).toBe(golden.all.incidents);
	expectSame(total.measures.ttrResolve, golden.all);
	expectSame(total.measures.ttrRecover, { ...golden.recover, zero: 0 });
	expect(total.measures.ttrRecover?.notApplicable).toBe(
		golden.all.incidents - golden.recover.incidents,
	);
	expect(total.measures.tta).toMatchObject({ n: 0, notApplicable: golden.all.incidents });
	expect(groups.map(({ key }) => key)).toEqual(Object.keys(golden.bySeverity));
	for (const { key, figures } of groups) {
		expectSame(figures.measures.ttrResolve, golden.bySeverity[key as 'SEV1']);
	}

	for (const [zone, months] of Object.entries(golden.byMonth)) {
		const answer = await metrics(api, `from=all&by=month&tz=${zone}&measures=ttrResolve`);
		const filled = answer.groups.filter(({ figures }) => figures.incidents > 0);
		expect(filled.map(({ key }) => key)).toEqual(Object.keys(months));
		for (const { key, figures } of filled) {
			const expected = (months as Record<string, Golden>)[key ?? ''];
			expect(figures.incidents, `${zone} ${key}`).toBe(expected?.incidents);
			expectSame(figures.measures.ttrResolve, expected);
		}
	}

	const years = await metrics(api, 'from=2022-01-01&to=2025-01-01&by=year&measures=ttrResolve');
	expect(years.groups.map(({ key }) => key)).toEqual(Object.keys(golden.byYear));
	for (const { key, figures } of years.groups) {
		const expected = golden.byYear[key as '2022'];
		expect(figures.downtime).toMatchObject({
			windowMs: expected.window * 1_000,
			downtimeMs: expected.downtime * 1_000,
			failures: expected.failures,
		});
		expect(figures.downtime?.availability).toBeCloseTo(expected.availability, 12);
		expect(figures.downtime?.mtbfMs).toBeCloseTo(expected.mtbf * 1_000, 3);
	}

	const zero = await behind(api, 'from=all&measure=ttrResolve&state=zero');
	expect(zero.count).toBe(golden.all.zero);
	const maintenance = await metrics(api, 'from=all&kind=maintenance');
	expect(maintenance.total.incidents).toBe(golden.rows - golden.all.incidents);
});

type Golden = (typeof golden)['all'];

function expectSame(measured: Measured | undefined, expected: Golden | undefined): void {
	const inMs = (seconds: number | null) => seconds && seconds * 1_000;
	expect(measured).toMatchObject({
		n: expected?.n,
		medianMs: inMs(expected?.median ?? null),
		p90Ms: inMs(expected?.p90 ?? null),
		p95Ms: inMs(expected?.p95 ?? null),
		zero: expected?.zero,
		invalid: expected?.invalid,
	});
	const sum = Math.round((measured?.meanMs ?? 0) * (measured?.n ?? 0));
	expect(sum).toBe(inMs(expected?.sum ?? 0));
}
