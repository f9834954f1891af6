import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStrictly } from '#server/http/strictJson.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('whatever JSON.stringify writes is read as it was', () => {
	fc.assert(
		fc.property(fc.json({ maxDepth: 5 }), (text) => {
			expect(parseStrictly(bytes(text))).toEqual(JSON.parse(text));
		}),
	);
});

test.each([
	['nothing', ''],
	['a byte order mark', '\uFEFF{}'],
	['NaN', '{"a":NaN}'],
	['a trailing comma', '{"a":1,}'],
	['a comment', '{}//'],
	['single quotes', "{'a':1}"],
	['a name twice', '{"a":1,"b":{"a":1},"a":2}'],
	['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
	['a name twice in an object in a list', '[{"a":[],"a":[]}]'],
	['too many levels', nested(33)],
	['very many levels', nested(400_000)],
])('%s is malformed', (_what, text) => {
	expect(() => parseStrictly(bytes(text))).toThrow(expect.objectContaining({ status: 400 }));
});

test.each([
	['the same name in two objects', '[{"a":1},{"a":1}]'],
	['a name that is also a value', '{"a":"b","b":"a"}'],
	['brackets and quotes in a string', '{"a":"]}\\"[{","b":"\\\\"}'],
	['as many levels as are allowed', nested(32)],
])('%s is fine', (_what, text) => {
	expect(parseStrictly(bytes(text))).toEqual(JSON.parse(text));
});

test('bytes that are not UTF-8 are malformed', () => {
	const latin1 = Uint8Array.of(0x22, 0xe9, 0x22);
	expect(() => parseStrictly(latin1)).toThrow(expect.objectContaining({ status: 400 }));
});
