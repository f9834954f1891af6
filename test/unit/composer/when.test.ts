import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doubtOf, readDuration, readWhen } from '../../../core/composer/when.ts';
import { now } from './known.ts';

const utc = (text: string) => Date.parse(`2026-11-${text}Z`);

describe('a time at the start of a line', () => {
	test.each([
		['-10m pool was full', now - 600_000],
		['-1h30m deploy', now - 5_400_000],
		['-2d old', now - 172_800_000],
		['02:41 pool', utc('24T02:41:00')],
		['2:41 pool', utc('24T02:41:00')],
		['02:41Z pool', utc('24T02:41:00')],
		['02:41 UTC pool', utc('24T02:41:00')],
		['yesterday 23:50 pool', utc('23T23:50:00')],
		['Yesterday 23:50', utc('23T23:50:00')],
		['today 23:50 pool', utc('24T23:50:00')],
		['2026-11-20 23:50 pool', utc('20T23:50:00')],
	])('%s', (text, at) => {
		expect(readWhen(text, now)?.when).toEqual({ occurredAt: at });
	});

	test('is shown to the second only where somebody said one', () => {
		expect(readWhen('02:41:30 pool', now)?.when).toEqual({
			occurredAt: utc('24T02:41:30'),
			toTheSecond: true,
		});
		expect(readWhen('-45s pool', now)?.when).toEqual({
			occurredAt: now - 45_000,
			toTheSecond: true,
		});
	});

	test('is the latest such instant that has come: after midnight, last night', () => {
		expect(readWhen('23:50 alert', now)?.when.occurredAt).toBe(utc('23T23:50:00'));
		expect(readWhen('03:00 alert', now)?.when.occurredAt).toBe(utc('24T03:00:00'));
		expect(readWhen('03:01 alert', now)?.when.occurredAt).toBe(utc('23T03:01:00'));
	});

	test('is approximate after a tilde, and a range with a second time, over midnight too', () => {
		expect(readWhen('~02:41 pool', now)?.when).toEqual({
			occurredAt: utc('24T02:41:00'),
			approximate: true,
		});
		expect(readWhen('~-10m pool', now)?.when).toEqual({
			occurredAt: now - 600_000,
			approximate: true,
		});
		expect(readWhen('02:41-02:55 pool', now)?.when).toEqual({
			occurredAt: utc('24T02:41:00'),
			endedAt: utc('24T02:55:00'),
		});
		expect(readWhen('23:50–00:10 pool', now)?.when).toEqual({
			occurredAt: utc('23T23:50:00'),
			endedAt: utc('24T00:10:00'),
		});
	});

	test.each([
		'25:00 no such hour',
		'02:60 no such minute',
		'2026-02-30 02:41 no such day',
		'02:41pm text',
		'-10 degrees',
		'-m',
		'- item',
		'10m',
		'at 02:41',
		'02:411',
		'1.2.3',
	])('is not read in “%s”', (text) => {
		expect(readWhen(text, now)).toBeNull();
	});

	test('never lies ahead unless the day is said, or the range is not over', () => {
		const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
		fc.assert(
			fc.property(minute, fc.nat(2_000_000_000_000), (of, at) => {
				const clock = `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
				const when = readWhen(`${clock} pool`, at)?.when;
				expect(at - (when?.occurredAt ?? 0)).toBeGreaterThanOrEqual(0);
				expect(at - (when?.occurredAt ?? 0)).toBeLessThan(86_400_000);
			}),
		);
	});

	test('is doubted when it has not come, or is more than a day back', () => {
		expect(doubtOf({ occurredAt: now + 1 }, now)).toBe('future');
		expect(doubtOf({ occurredAt: now - 1, endedAt: now + 1 }, now)).toBe('future');
		expect(doubtOf({ occurredAt: now - 86_400_000 }, now)).toBeNull();
		expect(doubtOf({ occurredAt: now - 86_400_001 }, now)).toBe('longAgo');
	});
});

test('a length of time is read at the end of a text only', () => {
	expect(readDuration('drain us-east 15m')).toEqual({ ms: 900_000, at: 13 });
	expect(readDuration('drain us-east 1h30m')?.ms).toBe(5_400_000);
	expect(readDuration('drain us-east 15 min')).toBeNull();
	expect(readDuration('wait 15m please')).toBeNull();
	expect(readDuration('15m')).toBeNull();
});
