import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandRequest, declareRequest, entryRequest, instant } from '#core/wire.ts';
import { ada } from '../../support/record.ts';

const takes = (
	schema: typeof declareRequest | typeof entryRequest | typeof commandRequest,
	body: unknown,
) => schema.safeParse(body).success;

const oddTexts = [
	'',
	' ',
	'\t\n',
	'\u200b',
	'\0',
	'a\0b',
	'\ud800',
	'a\udc00',
	'x'.repeat(1_000_000),
];
const oddValues = [null, true, 5, -0, 1e309, NaN, [], {}, ['x']];

describe('a declaration', () => {
	test.each([...oddTexts, ...oddValues])('is refused with the title %j', (title) => {
		expect(takes(declareRequest, { title })).toBe(false);
	});

	test.each([
		['  checkout is down ', 'checkout is down'],
		['checkout\r\nis down', 'checkout is down'],
		['<script>alert(1)</script>', '<script>alert(1)</script>'],
		["'; DROP TABLE incidents; --", "'; DROP TABLE incidents; --"],
		['\u202eright to left', '\u202eright to left'],
		['👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
		['x'.repeat(200), 'x'.repeat(200)],
	])('takes the title %j', (title, expected) => {
		expect(declareRequest.parse({ title })).toEqual({ title: expected });
	});

	test.each([
		{ created_by: ada },
		{ server_time: 5 },
		{ number: 1 },
		{ __proto__x: 1 },
		JSON.parse('{"__proto__": 1}') as object,
		{ severity: 'SEV9' },
		{ severity: 'commander' },
		{ kind: null },
		{ idempotencyKey: '' },
		{ idempotencyKey: 'x'.repeat(201) },
		{ idempotencyKey: 'a\0' },
	])('is refused with %j beside its title', (extra) => {
		const body = Object.assign(Object.create(null) as object, { title: 'x' });
		for (const [name, value] of Object.entries(extra)) {
			Object.defineProperty(body, name, { value, enumerable: true });
		}
		expect(takes(declareRequest, body)).toBe(false);
	});
});

describe('an entry', () => {
	test.each([...oddTexts.filter((text) => text !== '\u200b'), ...oddValues])(
		'is refused with the text %j',
		(text) => {
			expect(takes(entryRequest, { text })).toBe(false);
		},
	);

	test.each([
		{ occurredAt: 5 },
		{ occurredAt: '2026-11-24' },
		{ occurredAt: '2026-11-24T02:13:00' },
		{ occurredAt: '2026-02-30T02:13:00Z' },
		{ occurredAt: '1969-12-31T23:59:59Z' },
		{ occurredAt: '0000-01-01T00:00:00Z' },
		{ occurredAt: '+275760-09-13T00:00:00.000Z' },
		{ occurredAt: '2026-11-24T02:13:00Z', endedAt: '2026-11-24T02:12:59Z' },
		{ kind: 'root cause' },
		{ kind: '' },
		{ kind: 'x'.repeat(33) },
		{ approximate: 'true' },
		{ actors: ' ' },
		{ actors: ['a'] },
		{ starred: 1 },
		{ by: ada },
	])('is refused with %j', (extra) => {
		expect(takes(entryRequest, { text: 'x', ...extra })).toBe(false);
	});

	test('may end when it begins, or have an end alone', () => {
		const at = '2026-11-24T02:13:00Z';
		expect(takes(entryRequest, { text: 'x', occurredAt: at, endedAt: at })).toBe(true);
		expect(takes(entryRequest, { text: 'x', endedAt: at })).toBe(true);
	});
});

describe('a command', () => {
	test.each([
		{ type: 'setStatus', status: 'commander' },
		{ type: 'setStatus' },
		{ type: 'seal' },
		{ type: 'setSeverity', severity: 2 },
		{ type: 'takeRole', role: 'king' },
		{ type: 'takeRole', role: 'ops', person: ada },
		{ type: 'assignRole', role: 'ops', person: 'ada' },
		{ type: 'assignRole', role: 'ops', person: ada.toUpperCase() },
		{ type: 'setMilestone', milestone: 'detected', at: 5 },
		{ type: 'setMilestone', milestone: 'detected' },
		{ type: 'link', url: 'javascript:alert(1)' },
		{ type: 'link', url: 'https://a b' },
		{ type: 'link', url: 'https://a\0' },
		{ type: 'link', url: `https://${'x'.repeat(2_000)}` },
		{ type: 'close', by: ada },
		{},
		null,
		[],
	])('that reads %j is refused', (command) => {
		expect(takes(commandRequest, command)).toBe(false);
	});

	test('that expects nothing differs from one that says nothing of it', () => {
		const command = { type: 'setSeverity', severity: 'SEV1' } as const;
		expect(commandRequest.parse({ ...command, expects: null })).toHaveProperty('expects', null);
		expect(commandRequest.parse(command)).not.toHaveProperty('expects');
	});
});

test('nothing that is sent makes a schema throw', () => {
	fc.assert(
		fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (body) => {
			for (const schema of [declareRequest, entryRequest, commandRequest]) takes(schema, body);
		}),
	);
});

test('an instant in range is read the same, however its zone is written', () => {
	const max = Date.parse('9999-12-31T00:00:00Z');
	const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
	fc.assert(
		fc.property(fc.nat({ max }), minutes, (at, offset) => {
			const local = new Date(Math.max(at, 86_400_000) + offset * 60_000).toISOString().slice(0, -1);
			const size = Math.abs(offset);
			const two = (n: number) => String(n).padStart(2, '0');
			const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
			expect(instant.parse(local + zone)).toBe(Math.max(at, 86_400_000));
		}),
	);
});
