import { expect, test } from 'vitest';
import { keyFrom, rawKeyOf } from '#core/review/metrics/groupKeys.ts';
import { metricIncidentsQuery, metricsQuery } from '#core/review/metrics/query.ts';

test('a period is given in days of a zone or in instants', () => {
	expect(metricsQuery.parse({ from: '2024-02-29', to: '2024-03-01T00:00:00+09:00' })).toEqual({
		from: { day: '2024-02-29' },
		to: { at: Date.parse('2024-02-29T15:00:00Z') },
		tz: 'UTC',
		kind: 'incident',
		format: 'json',
		total: 'whole',
	});
	expect(metricsQuery.parse({ from: 'all' }).from).toBe('all');
});

test.each([
	['from', '2023-02-29'],
	['from', '2024-13-01'],
	['from', 'yesterday'],
	['to', 'all'],
	['to', '2024-03-01T00:00:00'],
	['tz', '+03:00'],
	['tz', 'Mars/Olympus'],
	['tz', 'UTC+3'],
	['tz', "UTC'; drop table people"],
	['severity', 'SEV1,SEV9'],
	['severity', ''],
	['by', 'person'],
	['kind', '__proto__'],
	['measures', 'mttr'],
	['parts', 'people'],
	['service', ''],
	['team', 'a\0b'],
	['compare', 'last year'],
	['format', 'xlsx'],
	['people', 'all'],
])('%s=%s is refused', (field, value) => {
	expect(metricsQuery.safeParse({ [field]: value }).success).toBe(false);
});

test('lists name each word once', () => {
	const { severity } = metricsQuery.parse({ severity: 'SEV2,SEV1,SEV2,none' });
	expect(severity).toEqual(['SEV2', 'SEV1', 'none']);
});

test('a page of incidents is bounded', () => {
	expect(metricIncidentsQuery.parse({})).toMatchObject({ limit: 50, offset: 0, order: 'newest' });
	for (const limit of ['0', '501', '-1', '1.5', '1e2', '']) {
		expect(metricIncidentsQuery.safeParse({ limit }).success, limit).toBe(false);
	}
});

test('the key of a group is read back as what it was made from', () => {
	const months = ['2024-01', '2024-02'];
	for (const [by, raw, key] of [
		['hour', 3, '03'],
		['weekHour', 7 * 24 + 23, '7-23'],
		['month', 2, '2024-02'],
		['service', 'Pages', 'Pages'],
	] as const) {
		expect(keyFrom(by, raw, months)).toBe(key);
		expect(rawKeyOf(by, key, months)).toBe(raw);
	}
	expect(rawKeyOf('service', '', [])).toBeNull();
	expect(rawKeyOf('month', '2024-03', months)).toBeUndefined();
	expect(rawKeyOf('hour', '24', [])).toBeUndefined();
});
