import { expect, test } from 'vitest';
import { migrate } from '#server/storage/migrate.ts';
import { openDatabase } from '#server/storage/database.ts';
import { emptyDatabaseUrl, testDatabase } from '../../support/database.ts';

test('a schema that is up to date stays as it is', async () => {
	await using database = await testDatabase();
	const before = await database.sql`select * from migrations order by version`;
	await migrate(database.sql);
	expect(await database.sql`select * from migrations order by version`).toEqual(before);
	expect(before.length).toBeGreaterThan(0);
});

test('starters that migrate at once apply each migration once', async () => {
	const url = await emptyDatabaseUrl();
	await using ada = openDatabase({ url });
	await using grace = openDatabase({ url });
	await Promise.all([migrate(ada.sql), migrate(grace.sql), migrate(ada.rooms)]);
	const rows = await ada.sql<{ version: number }[]>`select version from migrations order by 1`;
	const versions = rows.map(({ version }) => version);
	expect(versions).toEqual(versions.map((_, index) => index + 1));
});

test('the schema of a newer Muster is refused and left alone', async () => {
	await using database = await testDatabase();
	await database.sql`insert into migrations (version, name) values (9999, 'from the future')`;
	await expect(migrate(database.sql)).rejects.toThrow('made by a newer Muster');
});
