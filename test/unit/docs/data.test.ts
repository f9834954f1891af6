import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

interface Row {
	readonly table: string;
	readonly kind: string;
	readonly from: string;
}

function rows(): Row[] {
	const page = readFileSync(path.join(root, 'docs/DATA.md'), 'utf8');
	const cells = page.matchAll(/^\| `(\w+)` +\|[^|]*\| (\w+) +\|([^|]*)\|$/gm);
	return Array.from(cells, ([, table = '', kind = '', from = '']) => ({
		...{ table, kind, from: from.trim() },
	}));
}

test('docs/DATA.md names every table of the schema, and no other', () => {
	const schema = readFileSync(path.join(root, 'test/support/schema.sql'), 'utf8');
	const tables = Array.from(
		schema.matchAll(/^create (?:unlogged )?table (\w+)/gm),
		([, name]) => name,
	);
	expect(tables.length).toBeGreaterThan(40);
	expect(rows().map(({ table }) => table)).toEqual(tables.sort());
});

test('of every table it says whether it is a source or derived, and from what', () => {
	for (const { table, kind, from } of rows()) {
		expect([table, kind, from !== '']).toEqual([
			table,
			expect.stringMatching(/^(source|derived)$/),
			kind === 'derived',
		]);
	}
});

test('everything that is projected is derived', () => {
	const sources = rows().filter(({ kind }) => kind === 'source');
	expect(sources.filter(({ table }) => table.startsWith('projected_'))).toEqual([]);
});
