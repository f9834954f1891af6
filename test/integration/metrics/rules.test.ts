import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import {
	behind,
	command,
	metrics,
	untilCounted,
	writeDown,
	type Counting,
	type Past,
} from '../../support/past.ts';

let api: TestApi;
let db: Database;
let counting: Counting;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	api = await TestApi.start(url);
	db = openDatabase({ url }, { max: 2 });
	counting = { api, sql: db.sql };
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const minute = 60_000;
const at = (day: string, time: string) => `${day}T${time}:00Z`;
/** Each test has a month of its own. */
const period = (month: string) => `from=${month}-01&to=${month}-28`;
const lasting = (day: string, minutes: number): Past => ({
	declared: at(day, '10:00'),
	resolved: new Date(Date.parse(at(day, '10:00')) + minutes * minute).toISOString(),
});

test('[M3] the mean is of valid values, and every other incident is counted beside it', async () => {
	await writeDown(counting, [
		lasting('2020-01-02', 10),
		lasting('2020-01-03', 50),
		{ ...lasting('2020-01-04', 0), title: 'no length' },
		{ ...lasting('2020-01-05', -5), title: 'reversed' },
		{ declared: at('2020-01-06', '10:00'), title: 'goes on' },
		{ ...lasting('2020-01-07', 7), isClosed: true, title: 'closed' },
	]);
	const { total } = await metrics(api, period('2020-01'));
	expect(total.incidents).toBe(6);
	expect(total.byStatus).toEqual({ open: 1, over: 5 });
	expect(total.measures.ttrResolve).toEqual({
		...{ n: 3, meanMs: (67 / 3) * minute },
		...{ medianMs: 10 * minute, p90Ms: 50 * minute, p95Ms: 50 * minute },
		...{ pending: 1, notApplicable: 0, invalid: 1, zero: 1 },
	});
	expect(total.measures.tta).toMatchObject({ n: 0, pending: 5, notApplicable: 1, meanMs: null });
	for (const [state, titles] of Object.entries({
		zero: ['no length'],
		invalid: ['reversed'],
		pending: ['goes on'],
	})) {
		const query = `${period('2020-01')}&measure=ttrResolve&state=${state}`;
		const { count, incidents } = await behind(api, query);
		expect([count, incidents.map(({ title }) => title)]).toEqual([1, titles]);
	}
});

test('[M3] percentiles are values that occurred, by nearest rank', async () => {
	const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
	await writeDown(
		counting,
		minutes.map((length) => lasting('2020-02-05', length)),
	);
	const { total } = await metrics(api, `${period('2020-02')}&measures=ttrResolve`);
	expect(total.measures).toEqual({
		ttrResolve: expect.objectContaining({
			...{ n: 12, meanMs: 6.5 * minute, medianMs: 6 * minute },
			...{ p90Ms: 11 * minute, p95Ms: 12 * minute },
		}) as unknown,
	});
});

test('[M4] what was cancelled is in no figure, nor are drills and maintenance', async () => {
	const day = '2020-03-04';
	await writeDown(counting, [
		{ ...lasting(day, 10), severity: 'SEV1' },
		{ declared: at(day, '11:00'), severity: 'SEV1', isCancelled: true },
	]);
	for (const kind of ['drill', 'maintenance']) {
		const body = { title: kind, kind, severity: 'SEV1', origin: 'backfilled' };
		const answer = await api.ask('POST /incidents', { body });
		const { id } = answer.body as { id: string };
		await command(api, id, { type: 'setMilestone', milestone: 'declared', at: at(day, '12:00') });
	}
	await untilCounted(counting);
	const { total, groups } = await metrics(api, `${period('2020-03')}&by=kind`);
	expect([total.incidents, total.downtime?.downtimeMs]).toEqual([1, 10 * minute]);
	expect(groups.map(({ key, figures }) => [key, figures.incidents])).toEqual([
		['drill', 1],
		['incident', 1],
		['maintenance', 1],
	]);
	const practice = await metrics(api, `${period('2020-03')}&kind=drill`);
	expect([practice.total.incidents, practice.total.downtime]).toEqual([1, null]);
});

test('[M5] a period is half-open and its days are of the zone', async () => {
	await writeDown(counting, [
		{ ...lasting('2020-04-01', 10), declared: '2020-04-01T06:59:59.999Z', title: 'March' },
		{ ...lasting('2020-04-01', 10), declared: '2020-04-01T07:00:00.000Z', title: 'April' },
		{ ...lasting('2020-05-01', 10), declared: '2020-05-01T07:00:00.000Z', title: 'May' },
	]);
	const zone = 'tz=America/Los_Angeles';
	const { incidents } = await behind(api, `from=2020-04-01&to=2020-05-01&${zone}`);
	expect(incidents.map(({ title }) => title)).toEqual(['April']);
	const { groups } = await metrics(api, `from=2020-03-30&to=2020-05-02&${zone}&by=month`);
	expect(groups.map(({ key, figures }) => [key, figures.incidents])).toEqual([
		['2020-03', 1],
		['2020-04', 1],
		['2020-05', 1],
	]);
});

test('[M5] hours go by the clock of the zone, over a change of it too', async () => {
	// In New York clocks went from 01:59:59 to 03:00 on 8 March 2020, and twice through 01:00 on 1 November.
	await writeDown(counting, [
		{ declared: '2020-03-08T06:30:00Z' },
		{ declared: '2020-03-08T07:30:00Z' },
		{ declared: '2020-11-01T05:30:00Z' },
		{ declared: '2020-11-01T06:30:00Z' },
	]);
	const zone = 'tz=America/New_York';
	const hours = async (query: string) => {
		const { groups } = await metrics(api, `${query}&${zone}`);
		return groups.map(({ key, figures }) => [key, figures.incidents]);
	};
	const spring = 'from=2020-03-08&to=2020-03-09';
	const autumn = 'from=2020-11-01&to=2020-11-02';
	expect(await hours(`${spring}&by=hour`)).toEqual([
		['01', 1],
		['03', 1],
	]);
	expect(await hours(`${autumn}&by=weekHour`)).toEqual([['7-01', 2]]);
	const { period } = await metrics(api, `${spring}&${zone}`);
	expect(Date.parse(period.to) - Date.parse(period.from)).toBe(23 * 60 * minute);
	const { count } = await behind(api, `${autumn}&${zone}&by=hour&key=01`);
	expect(count).toBe(2);
});

test('[M6] downtime is a union: overlaps count once, over midnight and over the end of a month', async () => {
	await writeDown(counting, [
		{ declared: '2020-06-30T23:00:00Z', resolved: '2020-07-01T01:00:00Z', severity: 'SEV1' },
		{ declared: '2020-06-30T23:30:00Z', resolved: '2020-07-01T00:30:00Z', severity: 'SEV2' },
		{ declared: '2020-07-01T00:45:00Z', resolved: '2020-07-01T02:00:00Z', severity: 'SEV2' },
		{ declared: '2020-07-01T05:00:00Z', resolved: '2020-07-01T09:00:00Z', severity: 'SEV3' },
	]);
	const { total, groups } = await metrics(api, 'from=2020-06-01&to=2020-08-01&by=month');
	expect(total.downtime).toMatchObject({ downtimeMs: 180 * minute, failures: 3, unknown: 0 });
	expect(groups.map(({ figures }) => figures.downtime)).toMatchObject([
		{ windowMs: 30 * 1440 * minute, downtimeMs: 60 * minute, failures: 2 },
		{ windowMs: 31 * 1440 * minute, downtimeMs: 120 * minute, failures: 1 },
	]);
	const [june] = groups;
	expect(june?.figures.downtime?.mtbfMs).toBe(((30 * 1440 - 60) / 2) * minute);
	expect(june?.figures.downtime?.availability).toBe(1 - 60 / (30 * 1440));
	const july = await behind(api, 'from=2020-07-01&to=2020-08-01&only=downtime');
	expect(july.count).toBe(3);
	const bySeverity = await metrics(api, 'from=2020-06-01&to=2020-08-01&by=severity');
	expect(bySeverity.groups.map(({ key, figures }) => [key, figures.downtime?.downtimeMs])).toEqual([
		['SEV1', 120 * minute],
		['SEV2', 135 * minute],
		['SEV3', 0],
	]);
});

test('[M6] an open outage lasts until now, which is where the period ends', async () => {
	const begun = Date.now() - 3 * minute;
	const { status, body } = await api.ask('POST /incidents', {
		body: { title: 'checkout is down', severity: 'SEV1' },
	});
	expect(status).toBe(201);
	const { id } = body as { id: string };
	const started = new Date(begun).toISOString();
	await command(api, id, { type: 'setMilestone', milestone: 'impactStarted', at: started });
	await untilCounted(counting);
	const from = new Date(begun - minute).toISOString();
	const to = new Date(begun + 600 * minute).toISOString();
	const { asOf, period, total } = await metrics(api, `from=${from}&to=${to}`);
	expect(period).toEqual({ from, to, until: asOf });
	const now = Date.parse(asOf);
	expect(total.downtime).toMatchObject({
		...{ downtimeMs: now - begun, windowMs: now - begun + minute, failures: 1 },
	});
	expect(total.measures.ttrResolve).toMatchObject({ n: 0, pending: 1 });
	await command(api, id, { type: 'setStatus', status: 'cancelled' });
	await untilCounted(counting);
});

test('[M7] what has no declared time is in no period, and is counted beside them', async () => {
	const [id = ''] = await writeDown(counting, [
		{
			...{ title: 'nobody knows when', severity: 'SEV1' },
			...{ impactStarted: '2020-08-03T10:00:00Z', impactEnded: '2020-08-03T11:00:00Z' },
		},
	]);
	const asked = period('2020-08');
	const before = await metrics(api, asked);
	expect([before.undated, before.total.incidents, before.total.downtime?.downtimeMs]).toEqual([
		...[1, 0, 0],
	]);
	const { incidents } = await behind(api, `${asked}&only=undated`);
	expect(incidents.map(({ title, declaredAt }) => [title, declaredAt])).toEqual([
		['nobody knows when', null],
	]);
	const declared = '2020-08-03T10:05:00Z';
	await command(api, id, { type: 'setMilestone', milestone: 'declared', at: declared });
	await untilCounted(counting);
	const after = await metrics(api, asked);
	expect([after.undated, after.total.incidents, after.total.downtime?.downtimeMs]).toEqual([
		...[0, 1, 60 * minute],
	]);
});

test('[M8] what was corrected after the period is counted and named', async () => {
	const day = '2020-09-05';
	const [id = ''] = await writeDown(counting, [{ ...lasting(day, 10), title: 'corrected' }]);
	const asked = period('2020-09');
	expect((await metrics(api, asked)).corrections).toEqual({ incidents: 0, newest: [] });
	await command(api, id, {
		...{ type: 'setMilestone', milestone: 'resolved', at: at(day, '10:30') },
	});
	await untilCounted(counting);
	const { corrections, total } = await metrics(api, asked);
	expect(corrections).toMatchObject({ incidents: 1, newest: [{ title: 'corrected' }] });
	expect(total.measures.ttrResolve).toMatchObject({ n: 1, meanMs: 30 * minute });
	const listed = await behind(api, `${asked}&only=corrected`);
	expect(listed.incidents.map(({ title }) => title)).toEqual(['corrected']);
	const running = await metrics(api, 'from=2020-09-01&to=2999-01-01');
	expect(running.corrections.incidents).toBe(0);
});

test('[M9] the same length of time before can be asked for beside a period', async () => {
	await writeDown(counting, [
		lasting('2020-10-05', 10),
		lasting('2020-10-06', 20),
		lasting('2020-10-15', 40),
	]);
	const answer = await metrics(api, 'from=2020-10-11&to=2020-10-21&compare=previous');
	expect(answer.previous?.period).toMatchObject({
		from: '2020-10-01T00:00:00.000Z',
		to: '2020-10-11T00:00:00.000Z',
	});
	expect(answer.total.measures.ttrResolve?.meanMs).toBe(40 * minute);
	expect(answer.previous?.total.measures.ttrResolve?.meanMs).toBe(15 * minute);
	const endless = await api.ask('GET /metrics?from=1970-01-01&to=9000-01-01&compare=previous');
	expect(endless).toMatchObject({ status: 422, body: { error: { field: 'compare' } } });
});

test('[M10] the time from an alert is counted from the first alert of the timeline', async () => {
	await writeDown(counting, [
		{
			...lasting('2020-12-02', 30),
			...{ alert: at('2020-12-02', '09:50'), acknowledged: at('2020-12-02', '10:05') },
		},
		{ ...lasting('2020-12-03', 30), acknowledged: at('2020-12-03', '10:05') },
	]);
	const { total } = await metrics(api, period('2020-12'));
	expect(total.measures.ttaAlert).toMatchObject({ n: 1, meanMs: 15 * minute, notApplicable: 1 });
	expect(total.measures.ttrRespond).toMatchObject({ n: 1, meanMs: 40 * minute, notApplicable: 1 });
	expect(total.measures.tta).toMatchObject({ n: 2, meanMs: 5 * minute });
	const query = `${period('2020-12')}&measure=ttaAlert&state=valid`;
	const { incidents } = await behind(api, query);
	expect(incidents).toMatchObject([
		{
			value: { state: 'valid', ms: 15 * minute },
			start: '2020-12-02T09:50:00.000Z',
			end: '2020-12-02T10:05:00.000Z',
		},
	]);
});
