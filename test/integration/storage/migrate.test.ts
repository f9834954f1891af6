import { expect, test } from 'vitest';
import { migrate } from '#server/storage/migrate.ts';
import { openDatabase } from '#server/storage/database.ts';
import { lookAtStore } from '#server/storage/store.ts';
import { emptyDatabaseUrl, testDatabase } from '../../support/database.ts';
import { contracting, expanding, newerMigrations, newestSchema } from '../../support/newer.ts';

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

test('every migration gets along with a Muster that it names, or needs one that knows it', async () => {
	await using database = await testDatabase();
	const rows = await database.sql`
		select version from migrations where oldest is null or oldest > version`;
	expect(rows).toEqual([]);
});

test('a schema that a newer Muster has only expanded is fine, and left alone', async () => {
	await using database = await testDatabase();
	const { sql } = database;
	await migrate(sql, await newerMigrations(expanding));
	const before = await sql`select * from migrations order by version`;
	await migrate(sql);
	expect(await sql`select * from migrations order by version`).toEqual(before);
	expect(before).toHaveLength(newestSchema + 1);
	expect(await lookAtStore(database)).toBe('there');
});

test('a schema that a newer Muster has contracted is refused, and left alone', async () => {
	await using database = await testDatabase();
	await migrate(database.sql, await newerMigrations(expanding, contracting));
	await expect(migrate(database.sql)).rejects.toThrow(
		`it needs one that knows schema ${newestSchema + 2}, this one knows ${newestSchema}). Start the newer one.`,
	);
	expect(await lookAtStore(database)).toBe('outgrown');
});

test('a schema from before migrations said with whom they get along is refused if it is newer', async () => {
	await using database = await testDatabase();
	await database.sql`insert into migrations (version, name) values (9999, 'from the future')`;
	await expect(migrate(database.sql)).rejects.toThrow('made by a newer Muster');
});

test('an older and a newer Muster that start at once both get what they need', async () => {
	const url = await emptyDatabaseUrl();
	const folderOfNewer = await newerMigrations(expanding);
	await using old = openDatabase({ url });
	await using young = openDatabase({ url });
	await Promise.all([
		...[migrate(old.sql), migrate(young.sql, folderOfNewer)],
		...[migrate(old.rooms), migrate(young.rooms, folderOfNewer)],
	]);
	const rows = await old.sql<{ version: number }[]>`select version from migrations order by 1`;
	expect(rows.map(({ version }) => version)).toEqual(
		Array.from({ length: newestSchema + 1 }, (_, index) => index + 1),
	);
	await young.sql`update incidents set mood = 'tense'`;
});
