import { inject } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { cloneOf } from './template.ts';

/** A new database with Muster's tables and nothing in them, as an address for DATABASE_URL. */
export function testDatabaseUrl(): Promise<string> {
	return cloneOf(inject('template'));
}

/** A new database without any table, as an address for DATABASE_URL. */
export function emptyDatabaseUrl(): Promise<string> {
	return cloneOf(inject('template'), 'template1');
}

/** A new database with Muster's tables and nothing in them; dispose it to end its connections. */
export async function testDatabase(): Promise<Database> {
	return openDatabase({ url: await testDatabaseUrl() });
}
