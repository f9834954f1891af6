import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Sql } from 'postgres';
import type { TestProject } from 'vitest/node';
import { createLog } from '#server/log.ts';
import { openDatabase } from '#server/storage/database.ts';
import { startEmbeddedPostgres } from '#server/storage/embedded/start.ts';
import { migrate } from '#server/storage/migrate.ts';
import { onDatabase, urlOf } from './addresses.ts';

declare module 'vitest' {
	interface ProvidedContext {
		/** A migrated database that nobody is connected to; the names of its clones begin with its own. */
		readonly template: { readonly url: string; readonly name: string };
	}
}

/** Before the first test file: a PostgreSQL (TEST_DATABASE_URL, else one of our own) and the template. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
	const given = process.env.TEST_DATABASE_URL;
	const server = given ? { url: given, stop: async () => {} } : await startOwn();
	const name = `muster_${randomBytes(4).toString('hex')}`;
	await withSql(server.url, (sql) => sql`create database ${sql(name)}`);
	const url = onDatabase(server.url, name);
	{
		await using template = openDatabase({ url }, { max: 1 });
		await migrate(template.sql);
	}
	project.provide('template', { url, name });
	return async () => {
		await withSql(server.url, (sql) => dropAll(sql, name));
		await server.stop();
	};
}

async function startOwn(): Promise<{ url: string; stop: () => Promise<void> }> {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-test-'));
	const own = await startEmbeddedPostgres(folder, createLog('warn'));
	return {
		url: urlOf(own.address),
		async stop() {
			await own[Symbol.asyncDispose]();
			await rm(folder, { recursive: true });
		},
	};
}

async function withSql(url: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
	await using database = openDatabase({ url }, { max: 1 });
	await work(database.sql);
}

async function dropAll(sql: Sql, prefix: string): Promise<void> {
	const rows = await sql<{ name: string }[]>`
		select datname as name from pg_database where starts_with(datname, ${prefix})`;
	for (const { name } of rows) await sql`drop database ${sql(name)} with (force)`;
}
