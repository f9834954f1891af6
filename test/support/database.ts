import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { onDatabase } from './addresses.ts';

/** A new database with Muster's tables and nothing in them, as an address for DATABASE_URL. */
export function testDatabaseUrl(): Promise<string> {
	return createDatabase(inject('template').name);
}

/** A new database without any table, as an address for DATABASE_URL. */
export function emptyDatabaseUrl(): Promise<string> {
	return createDatabase('template1');
}

async function createDatabase(source: string): Promise<string> {
	const template = inject('template');
	const name = `${template.name}_${randomBytes(4).toString('hex')}`;
	await using server = openDatabase({ url: onDatabase(template.url, 'postgres') }, { max: 1 });
	await server.sql`create database ${server.sql(name)} template ${server.sql(source)}`;
	return onDatabase(template.url, name);
}

/** A new database with Muster's tables and nothing in them; dispose it to end its connections. */
export async function testDatabase(): Promise<Database> {
	return openDatabase({ url: await testDatabaseUrl() });
}
