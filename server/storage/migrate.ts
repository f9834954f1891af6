import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Sql, TransactionSql } from 'postgres';
import { Refusal } from '#core/refusal.ts';

interface Migration {
	readonly version: number;
	readonly name: string;
	readonly file: string;
}

const folder = path.join(import.meta.dirname, 'migrations');

/** The number of the advisory lock that starters share: "muster" as letters. */
const lock = 0x6d7573746572;

/**
 * Brings the schema up to date: the numbered files of `migrations`, each once and in a transaction
 * of its own. Any number of starters may call this at once. Refuses a schema from a newer Muster.
 */
export async function migrate(sql: Sql): Promise<void> {
	const migrations = await findMigrations();
	while (await sql.begin((tx) => applyNext(tx, migrations)));
}

async function findMigrations(): Promise<Migration[]> {
	const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
	return names.map((name) => ({
		version: Number.parseInt(name, 10),
		name: path.basename(name, '.sql'),
		file: path.join(folder, name),
	}));
}

/** Applies the first migration that the database lacks; false when there is none. */
async function applyNext(tx: TransactionSql, migrations: readonly Migration[]): Promise<boolean> {
	await tx`select pg_advisory_xact_lock(${lock})`;
	const current = await readVersion(tx);
	const newest = migrations.at(-1)?.version ?? 0;
	if (current > newest) {
		throw new Refusal(
			'conflict',
			`This database was made by a newer Muster (its schema is ${current}, this one knows ${newest}). Start the newer one.`,
		);
	}
	const next = migrations.find(({ version }) => version > current);
	if (!next) return false;
	await tx.unsafe(await readFile(next.file, 'utf8'));
	await tx`insert into migrations (version, name) values (${next.version}, ${next.name})`;
	return true;
}

async function readVersion(tx: TransactionSql): Promise<number> {
	await tx`
		create table if not exists migrations (
			version integer primary key,
			name text not null,
			applied_at timestamptz not null default now()
		)`;
	const [row] = await tx<[{ version: number }]>`
		select coalesce(max(version), 0) as version from migrations`;
	return row.version;
}
