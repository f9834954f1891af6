import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, filtersOf, readChoice } from '../../../src/routes/insights/choice.ts';
import { dayIn, daysOf } from '../../../src/routes/insights/period.ts';
import { filterWords } from '../../../src/routes/insights/words.ts';

const now = Date.parse('2026-11-29T23:30:00Z');
const read = (query: string) => readChoice(new URLSearchParams(query), now, 'UTC');

test('without words in the address it is the last ninety days in UTC, today among them', () => {
	expect(filtersOf(read('')).toString()).toBe('from=2026-09-01&to=2026-11-30&tz=UTC');
});

test.each([
	['7d', '2026-11-23'],
	['30d', '2026-10-31'],
	['quarter', '2026-10-01'],
	['year', '2026-01-01'],
	['all', 'all'],
] as const)('the period %s begins with %s', (period, from) => {
	expect(daysOf(period, '2026-11-29')).toEqual({ from, to: '2026-11-30' });
});

test('it is in the usual zone unless the address names one', () => {
	const inTokyo = (query: string) => readChoice(new URLSearchParams(query), now, 'Asia/Tokyo');
	expect(filtersOf(inTokyo('')).toString()).toBe('from=2026-09-02&to=2026-12-01&tz=Asia%2FTokyo');
	expect(inTokyo('tz=UTC').zone).toBe('UTC');
	expect(inTokyo('tz=Mars/Olympus').zone).toBe('Asia/Tokyo');
});

test('today is the day of the zone', () => {
	expect(dayIn('UTC', now)).toBe('2026-11-29');
	expect(dayIn('Asia/Tokyo', now)).toBe('2026-11-30');
	expect(read('period=7d&tz=Asia/Tokyo').days).toEqual({ from: '2026-11-24', to: '2026-12-01' });
});

test('days that are named go before a period, as a form sends both', () => {
	const choice = read('period=30d&from=2024-01-01&to=2024-02-01');
	expect([choice.period, choice.days]).toEqual([null, { from: '2024-01-01', to: '2024-02-01' }]);
	expect(read('period=30d&from=&to=').period).toBe('30d');
});

test.each([
	['from=2024-02-30', '“2024-02-30” is not a day'],
	['from=yesterday', '“yesterday” is not a day'],
	['from=2024-02-01&to=2024-02-01', 'The first day must be before the end.'],
	['tz=Mars/Olympus', '“Mars/Olympus” is not a time zone. This is in UTC.'],
])('%s is said to be wrong, and the usual is shown', (query, fault) => {
	const choice = read(query);
	expect(choice.fault).toContain(fault);
	expect(choice.days.to).toBe('2026-11-30');
});

test('severities come one by one from the form and together in links; all of them are no filter', () => {
	expect(read('severity=SEV1&severity=none').severities).toEqual(['SEV1', 'none']);
	expect(read('severity=SEV2,SEV1').severities).toEqual(['SEV1', 'SEV2']);
	expect(read('severity=SEV1,SEV2,SEV3,SEV4,SEV5,none').severities).toEqual([]);
});

test('an address that is made of a choice reads as the same choice', () => {
	const word = fc.stringMatching(/^[a-z&=+ü]{0,5}$/);
	const choices = fc.record({
		period: fc.constantFrom('7d', '90d', 'all'),
		tz: fc.constantFrom('UTC', 'Europe/Berlin'),
		severity: fc.constantFrom('', 'SEV1', 'SEV2,none'),
		...{ service: word, team: word, cause: word },
		by: fc.constantFrom('service', 'cause'),
	});
	fc.assert(
		fc.property(choices, (words) => {
			const choice = readChoice(new URLSearchParams(words), now, 'UTC');
			expect(readChoice(addressOf(choice), now, 'UTC')).toEqual(choice);
		}),
	);
});

test('the filters are a sentence with the last day that is in them, and the zone', () => {
	expect(filterWords(read('from=2024-01-01&to=2024-02-01&severity=SEV1,none&service=api'))).toBe(
		'31 days: 2024-01-01 to 2024-01-31; SEV1, no severity; service api. Times are in UTC.',
	);
});
