import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../../support/database.ts';
import golden from '../../golden/github.json' with { type: 'json' };

const folder = path.resolve(import.meta.dirname, '../..');
const raw = await readFile(
	path.join(folder, 'fixtures/incidents/github-status-2022-2024.jsonl'),
	'utf8',
);

interface Figure {
	readonly by: string;
	readonly key: string;
}

test('[M14] plain SQL over the raw rows and a script in Python come to the same figures', async () => {
	await using db = await testDatabase();
	const statement = await readFile(path.join(folder, 'golden/github.sql'), 'utf8');
	const figures = await db.sql.begin(async (tx) => {
		await tx`create temporary table raw (line jsonb) on commit drop`;
		await tx`insert into raw select line::jsonb from unnest(${raw.trimEnd().split('\n')}::text[]) line`;
		const rows = await tx.unsafe<{ figure: Figure }[]>(statement);
		return rows.map(({ figure }) => figure);
	});
	const of = (by: string) => figures.filter((one) => one.by === by);
	const named = (by: string, key: string, { invalid: _none, ...rest }: { invalid: number }) => ({
		...{ by, key },
		...rest,
	});
	expect(of('all')).toEqual([named('all', '', golden.all)]);
	expect(sorted(of('bySeverity'))).toEqual(
		Object.entries(golden.bySeverity).map(([key, one]) => named('bySeverity', key, one)),
	);
	const months = Object.entries(golden.byMonth).flatMap(([zone, ofZone]) =>
		Object.entries(ofZone).map(([month, one]) => named('byMonth', `${zone} ${month}`, one)),
	);
	expect(sorted(of('byMonth'))).toEqual(sorted(months));
	expect(sorted(of('byYear'))).toEqual(
		Object.entries(golden.byYear).map(([key, { downtime }]) => ({ by: 'byYear', key, downtime })),
	);
});

function sorted<T extends Figure>(figures: readonly T[]): T[] {
	return figures.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
