import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { behind, metrics, writeDown, type Counting } from '../../support/past.ts';

let api: TestApi;
let db: Database;
let counting: Counting;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	api = await TestApi.start(url);
	await api.setUp();
	db = openDatabase({ url }, { max: 2 });
	counting = { api, sql: db.sql };
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const minute = 60_000;
const hour = 60 * minute;

test('[M11] an incident of several services counts once in the total and once for each of them', async () => {
	const [both = '', one = ''] = await writeDown(counting, [
		{ declared: '2021-01-05T10:00:00Z', resolved: '2021-01-05T11:00:00Z', severity: 'SEV1' },
		{ declared: '2021-01-05T10:30:00Z', resolved: '2021-01-05T12:00:00Z', severity: 'SEV2' },
		{ declared: '2021-01-06T10:00:00Z', resolved: '2021-01-06T10:10:00Z' },
	]);
	const { sql } = db;
	await sql`delete from projected_services`;
	await sql`
		insert into projected_services (incident, service)
		values (${both}, 'API'), (${both}, 'Pages'), (${one}, 'API')`;
	await sql`
		insert into services (name, team) values ('API', 'Core'), ('Pages', 'Core')
		on conflict (name) do update set team = excluded.team`;
	await sql`insert into projected_causes (incident, cause) values (${both}, 'deploy')`;
	const asked = 'from=2021-01-01&to=2021-02-01';
	const figuresBy = async (by: string) => {
		const { total, groups } = await metrics(api, `${asked}&by=${by}`);
		expect([total.incidents, total.downtime?.downtimeMs]).toEqual([3, 2 * hour]);
		return groups.map(({ key, figures: { incidents, downtime, measures } }) => [
			...[key, incidents, downtime && downtime.downtimeMs / minute, downtime?.failures],
			measures.ttrResolve?.meanMs && measures.ttrResolve.meanMs / minute,
		]);
	};
	expect(await figuresBy('service')).toEqual([
		['API', 2, 120, 2, 75],
		['Pages', 1, 60, 1, 60],
		[null, 1, 0, 0, 10],
	]);
	expect(await figuresBy('team')).toEqual([
		['Core', 2, 120, 2, 75],
		[null, 1, 0, 0, 10],
	]);
	expect(await figuresBy('cause')).toEqual([
		['deploy', 1, 60, 1, 60],
		[null, 2, 90, 1, 50],
	]);
	for (const [filter, incidents] of [
		['service=Pages', 1],
		['service=API&severity=SEV2', 1],
		['team=Core', 2],
		['cause=deploy', 1],
		['severity=none', 1],
		['service=nobody', 0],
	] as const) {
		const { total } = await metrics(api, `${asked}&${filter}`);
		expect(total.incidents, filter).toBe(incidents);
	}
	const without = await behind(api, `${asked}&by=service&key=`);
	expect(without.count).toBe(1);
	const ofApi = await behind(api, `${asked}&by=service&key=API`);
	expect(ofApi.incidents.map(({ services }) => services)).toEqual([['API'], ['API', 'Pages']]);
});

test('[M12] people count once a room however many tabs they have, and a night goes over midnight', async () => {
	const [one = '', two = ''] = await writeDown(counting, [
		{ declared: '2021-03-05T10:00:00Z', resolved: '2021-03-05T11:00:00Z' },
		{ declared: '2021-03-05T20:00:00Z', resolved: '2021-03-06T05:00:00Z' },
	]);
	const [ada, grace] = [await api.invite('Ada'), await api.invite('Grace')];
	await stays(one, ada.id, ['2021-03-05T10:00:00Z', '2021-03-05T11:00:00Z']);
	await stays(one, ada.id, ['2021-03-05T10:30:00Z', '2021-03-05T11:30:00Z']);
	await stays(two, ada.id, ['2021-03-05T20:00:00Z', '2021-03-05T22:30:00Z']);
	await stays(two, ada.id, ['2021-03-06T02:00:00Z', '2021-03-06T05:00:00Z']);
	await stays(two, grace.id, ['2021-03-05T21:00:00Z', '2021-03-05T22:00:00Z']);
	await stays(two, grace.id, ['2021-03-06T05:30:00Z', '2021-03-06T06:30:00Z']);
	const asked = 'from=2021-03-01&to=2021-04-01';
	const { total, groups } = await metrics(api, `${asked}&by=hour`);
	expect([(total.peopleMs ?? 0) / hour, total.nights, total.peopleNights]).toEqual([9, 1, 2]);
	expect(groups.map(({ key, figures }) => [key, (figures.peopleMs ?? 0) / hour])).toEqual([
		['10', 1.5],
		['20', 7.5],
	]);
	const without = await metrics(api, `${asked}&parts=retros,downtime`);
	const { peopleMs, nights, measures, retros } = without.total;
	expect([without.total.incidents, peopleMs, nights, measures]).toEqual([2, null, null, {}]);
	expect(retros?.resolved).toBe(2);
	const counted = await metrics(api, `${asked}&by=hour&compare=previous&total=counted`);
	expect(counted.groups).toEqual(groups);
	expect([counted.total.incidents, counted.total.measures, counted.total.peopleMs]).toEqual([
		...[2, {}, null],
	]);
	expect(counted.previous?.total.measures).toHaveProperty('ttrResolve');
	const inTokyo = await metrics(api, `${asked}&tz=Asia/Tokyo`);
	expect([inTokyo.total.nights, inTokyo.total.peopleNights]).toEqual([1, 1]);
});

async function stays(
	incident: string,
	person: string,
	[entered, left]: readonly [string, string],
): Promise<void> {
	await db.sql`
		insert into attendance (incident, conn, entered_at, person, seen_at, left_at)
		values (${incident}, gen_random_uuid()::text, ${entered}, ${person}, ${left}, ${left})`;
}

test('[M13] retrospectives are counted of incidents that are resolved', async () => {
	const ids = await writeDown(counting, [
		{ declared: '2021-05-05T10:00:00Z', resolved: '2021-05-05T11:00:00Z' },
		{ declared: '2021-05-06T10:00:00Z', resolved: '2021-05-06T11:00:00Z' },
		{ declared: '2021-05-07T10:00:00Z', resolved: '2021-05-07T11:00:00Z' },
		{ declared: '2021-05-08T10:00:00Z' },
	]);
	for (const [i, version] of [1, 0].entries()) {
		await db.sql`
			insert into projected_retros (
				incident, upto_turn, upto_at, state, begun_at, due_at, reviewers, approved, version
			) values (
				${ids[i] ?? ''}, 1, now(), ${version ? 'published' : 'draft'}, now(), '2021-05-12',
				'{}', '{}', ${version}
			)`;
	}
	const { total } = await metrics(api, 'from=2021-05-01&to=2021-06-01');
	expect(total.retros).toEqual({ resolved: 3, begun: 2, published: 1, overdue: 1 });
});

test('which severities are downtime is for an admin to choose', async () => {
	await writeDown(counting, [
		{ declared: '2021-07-05T10:00:00Z', resolved: '2021-07-05T11:00:00Z', severity: 'SEV3' },
	]);
	const downtime = async () => {
		const { total, downtimeSeverities } = await metrics(api, 'from=2021-07-01&to=2021-08-01');
		return [downtimeSeverities, total.downtime?.failures, total.downtime?.downtimeMs];
	};
	expect(await downtime()).toEqual([['SEV1', 'SEV2'], 0, 0]);
	const body = { downtimeSeverities: ['SEV1', 'SEV3'] };
	const { token } = await api.invite('Linus');
	expect((await api.ask('PATCH /settings/metrics', { body, token })).status).toBe(403);
	const chosen = { ...body, tz: 'UTC' };
	expect((await api.ask('PATCH /settings/metrics', { body })).body).toEqual(chosen);
	expect((await api.ask('GET /settings/metrics', { token })).body).toEqual(chosen);
	expect(await downtime()).toEqual([['SEV1', 'SEV3'], 1, hour]);
	const zone = { tz: 'America/Los_Angeles' };
	expect((await api.ask('PATCH /settings/metrics', { body: zone })).body).toEqual({
		...body,
		...zone,
	});
	// A name that lists of zones leave out.
	const kolkata = { tz: 'Asia/Kolkata' };
	expect((await api.ask('PATCH /settings/metrics', { body: kolkata })).body).toEqual({
		...body,
		...kolkata,
	});
	await api.ask('PATCH /settings/metrics', { body: zone });
	for (const wrong of [
		{ downtimeSeverities: ['SEV1', 'SEV1'] },
		{ tz: 'Mars/Olympus' },
		{ downtimeSeverities: [], tz: 'Mars/Olympus' },
		{ x: 1 },
	]) {
		expect((await api.ask('PATCH /settings/metrics', { body: wrong })).status).toBe(422);
	}
	expect((await api.ask('GET /settings/metrics', { token })).body).toEqual({ ...body, ...zone });
	await api.ask('PATCH /settings/metrics', {
		body: { downtimeSeverities: ['SEV1', 'SEV2'], tz: 'UTC' },
	});
});

test('figures can be taken out as a table, in which no name is a formula', async () => {
	const [id = ''] = await writeDown(counting, [
		{
			...{ title: '=cmd|calc', declared: '2021-09-05T10:00:00Z' },
			resolved: '2021-09-05T10:01:30Z',
		},
	]);
	await db.sql`insert into projected_services (incident, service) values (${id}, '@evil')`;
	const asked = 'from=2021-09-01&to=2021-10-01';
	const table = await api.ask(`GET /metrics?${asked}&by=service&format=csv`);
	expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8');
	const lines = table.text.trimEnd().split('\r\n');
	const columns = lines[0]?.split(',').length;
	expect(lines.every((line) => line.split(',').length === columns)).toBe(true);
	const resolve = lines.filter((line) => line.includes(',TTR,resolve,'));
	expect(resolve).toHaveLength(2);
	expect(resolve[1]).toMatch(/,service,'@evil,TTR,resolve,,1,90,90,90,90,0,0,0,0$/);
	const list = await api.ask(`GET /metrics/incidents?${asked}&format=csv`);
	expect(list.text).toContain(",'=cmd|calc,incident,backfilled,resolved,");
});

test('everybody who may read may ask, nobody else, and nonsense is refused with its field', async () => {
	const { token } = await api.invite('Grace', 'viewer');
	for (const path of ['/metrics', '/metrics/incidents', '/settings/metrics']) {
		expect((await api.ask(`GET ${path}`, { token })).status).toBe(200);
		expect((await api.ask(`GET ${path}`, { token: null })).status).toBe(401);
	}
	for (const [query, field] of [
		['from=2021-02-30', 'from'],
		['from=2021-02-03&to=2021-02-03', 'to'],
		['tz=Mars/Olympus', 'tz'],
		['by=person', 'by'],
		['from=1970-01-01&to=9999-12-31&by=week', 'by'],
		['measures=mttr', 'measures'],
		['person=ada', 'person'],
	] as const) {
		const { status, body } = await api.ask(`GET /metrics?${query}`);
		expect([status, (body as { error: { field?: string } }).error.field], query).toEqual([
			...[422, field],
		]);
	}
	for (const [query, field] of [
		['key=API', 'by'],
		['by=month&key=2021-13', 'key'],
		['state=valid', 'measure'],
	] as const) {
		const { status, body } = await api.ask(`GET /metrics/incidents?${query}`);
		expect([status, (body as { error: { field?: string } }).error.field], query).toEqual([
			...[422, field],
		]);
	}
});
