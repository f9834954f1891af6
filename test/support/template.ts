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

/** A migrated database to make clones of, and what removes all of them. */
export interface Template {
	readonly url: string;
	readonly name: string;
	readonly remove: () => Promise<void>;
}

/** Before the first test file: the template, for `testDatabase`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
	const { url, name, remove } = await makeTemplate();
	project.provide('template', { url, name });
	return remove;
}

/** Finds a PostgreSQL (TEST_DATABASE_URL, else one of our own) and makes the template in it. */
export async function makeTemplate(): Promise<Template> {
	const given = process.env.TEST_DATABASE_URL;
	const server = given ? { url: given, stop: async () => {} } : await startOwn();
	const name = `muster_${randomBytes(4).toString('hex')}`;
	await withSql(server.url, (sql) => sql`create database ${sql(name)}`);
	const url = onDatabase(server.url, name);
	{
		await using template = openDatabase({ url }, { max: 1 });
		await migrate(template.sql);
	}
	return {
		url,
		name,
		async remove() {
			await withSql(server.url, (sql) => dropAll(sql, name));
			await server.stop();
		},
	};
}

/** A new database like another one of the template's server, as an address for DATABASE_URL. */
export async function cloneOf(
	template: Pick<Template, 'url' | 'name'>,
	source = template.name,
): Promise<string> {
	const name = `${template.name}_${randomBytes(4).toString('hex')}`;
	await withSql(onDatabase(template.url, 'postgres'), async (sql) => {
		await sql`create database ${sql(name)} template ${sql(source)}`;
	});
	return onDatabase(template.url, name);
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
