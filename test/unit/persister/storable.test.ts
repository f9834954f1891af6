import { expect, test } from 'vitest';
import { canonicalJson, storableInstant, storableText } from '#server/persister/storable.ts';

test('canonical JSON does not depend on the order in which names were written', () => {
	const one = { b: 1, a: [{ d: 'x', c: undefined }, -0], '\u00e9': null };
	const other = { '\u00e9': null, a: [{ c: undefined, d: 'x' }, 0], b: 1 };
	expect(canonicalJson(one)).toBe('{"a":[{"d":"x"},0],"b":1,"\u00e9":null}');
	expect(canonicalJson(other)).toBe(canonicalJson(one));
});

test('canonical JSON keeps a name that JavaScript finds special', () => {
	const odd = JSON.parse('{"z":1,"__proto__":{"a":1}}') as unknown;
	expect(canonicalJson(odd)).toBe('{"__proto__":{"a":1},"z":1}');
});

test('a text that is cut inside a surrogate pair is text all the same', () => {
	expect(storableText('ab\u{1f600}', 3)).toBe('ab\ufffd');
	expect(storableText('a\0b\udc00')).toBe('ab\ufffd');
});

test('an instant outside of the years 1 to 9999 is moved to their edge', () => {
	expect(storableInstant(-8.64e15)).toBe('0001-01-01T00:00:00.000Z');
	expect(storableInstant(8.64e15)).toBe('9999-12-31T23:59:59.999Z');
	expect(storableInstant(NaN as number | null)).toBeNull();
	expect(storableInstant(undefined)).toBeNull();
});
