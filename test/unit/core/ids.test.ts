import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUlid, isUuid, ulidSource } from '#core/ids.ts';

describe('ULIDs', () => {
	test('grow strictly, also within a millisecond, when the clock steps back, and past the last random part', () => {
		const clock = fc.array(fc.nat({ max: 2 ** 41 }), { minLength: 1, maxLength: 50 });
		fc.assert(
			fc.property(clock, fc.constantFrom(0, 31, 255), (times, filling) => {
				let i = 0;
				const now = () => times[i++ % times.length] ?? 0;
				const next = ulidSource(now, (bytes) => void bytes.fill(filling));
				const ids = Array.from({ length: 100 }, next);
				expect(ids.every(isUlid)).toBe(true);
				expect(ids).toEqual([...new Set(ids)].sort());
			}),
		);
	});

	test('begin with their time, as the specification has it', () => {
		const next = ulidSource(
			() => 1469918176385,
			(bytes) => void bytes.fill(0),
		);
		expect(next()).toBe('01ARYZ6S410000000000000000');
		expect(next()).toBe('01ARYZ6S410000000000000001');
	});
});

test.each([
	['01ARYZ6S410000000000000000', true],
	['7ZZZZZZZZZZZZZZZZZZZZZZZZZ', true],
	['8ZZZZZZZZZZZZZZZZZZZZZZZZZ', false],
	['01aryz6s410000000000000000', false],
	['01ARYZ6S41000000000000000I', false],
	['01ARYZ6S41000000000000000', false],
	['01ARYZ6S410000000000000000\n', false],
	['__proto__', false],
])('%j is a ULID: %s', (text, expected) => {
	expect(isUlid(text)).toBe(expected);
});

test.each([
	['0a000000-0000-4000-8000-000000000001', true],
	['00000000-0000-0000-0000-000000000000', true],
	['0A000000-0000-4000-8000-000000000001', false],
	['0a000000-0000-4000-8000-000000000001\n', false],
	['{0a000000-0000-4000-8000-000000000001}', false],
	['0a000000000040008000000000000001', false],
	['', false],
])('%j is a UUID: %s', (text, expected) => {
	expect(isUuid(text)).toBe(expected);
});
