import type { DatabaseAddress } from '#server/storage/database.ts';

/** An address in the form that DATABASE_URL has. */
export function urlOf(address: DatabaseAddress): string {
	if ('url' in address) return address.url;
	const { socketFolder, database, user } = address;
	return `postgres://${user}@localhost/${database}?host=${encodeURIComponent(socketFolder)}`;
}

/** The same server's other database. */
export function onDatabase(url: string, name: string): string {
	const other = new URL(url);
	other.pathname = name;
	return other.href;
}
