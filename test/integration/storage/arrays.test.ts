import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '#server/storage/database.ts';
import { testDatabase } from '../../support/database.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const text = fc
	.string({ unit: 'binary' })
	.filter((one) => !one.includes('\0') && one.isWellFormed());
const awkward = fc.constantFrom('', 'NULL', 'null', '"', '\\', '{}', ',', ' a ', '\n', '{"a","b"}');

test('lists of texts come back from the store as they were', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.oneof(text, awkward, fc.constant(null))), async (list) => {
			const [row] = await db.sql<[{ list: unknown }]>`select ${list}::text[] as list`;
			expect(row.list).toEqual(list);
		}),
		{ numRuns: 60 },
	);
});

test('lists of numbers and ids come back as what they were', async () => {
	const ids = ['00000000-0000-0000-0000-000000000000', '6f0e1c2a-9d1b-4f63-8d8e-0a1b2c3d4e5f'];
	const numbers = [0, -1, Number.MAX_SAFE_INTEGER];
	const [row] = await db.sql<[{ ids: unknown; numbers: unknown; none: unknown }]>`
		select ${ids}::uuid[] as ids, ${numbers}::int8[] as numbers, ${[]}::int8[] as none`;
	expect(row).toEqual({ ids, numbers, none: [] });
});
