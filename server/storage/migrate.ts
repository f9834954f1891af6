import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ISql, Sql, TransactionSql } from 'postgres';
import { Refusal } from '#core/refusal.ts';

interface Migration {
	readonly version: number;
	readonly name: string;
	/** The oldest schema whose Muster may still run once this is applied. */
	readonly oldest: number;
	readonly statements: string;
}

const ownFolder = path.join(import.meta.dirname, 'migrations');

/** Read once: an upgrade may put other files there while this process still runs. */
const own = readMigrations(ownFolder);

/** The number of the advisory lock that starters share: "muster" as letters. */
const lock = 0x6d7573746572;

/**
 * Brings the schema up to date: the numbered files of a folder, each once and in a transaction of its
 * own. Any number of starters may call this at once, older and newer ones. One that only expands says
 * in its first line with which it gets along, as in `-- oldest: 5`: who knows schema 5 may still run
 * beside it. Without that line it needs who knows it. Refuses a schema that needs a newer Muster.
 */
export async function migrate(sql: Sql, folder = ownFolder): Promise<void> {
	const migrations = await (folder === ownFolder ? own : readMigrations(folder));
	await sql.begin(prepare);
	while (await sql.begin((tx) => applyNext(tx, migrations)));
}

/** From now on whoever works on this store must know this schema, one that is applied here. */
export async function needSchema(tx: TransactionSql, version: number): Promise<void> {
	await tx`
		update migrations set oldest = version
		where version = ${version} and coalesce(oldest, version) < version`;
}

/** Whether the store has gone on so far since the start that this Muster does not fit it any more. */
export async function isOutgrown(sql: Sql): Promise<boolean> {
	return (await readNeeded(sql)) > newestOf(await own);
}

/** Whether this Muster knows all that the store is made of, and the store has all that it knows. */
export async function isCurrent(sql: Sql): Promise<boolean> {
	const [row] = await sql<[{ isThere: boolean }]>`
		select to_regclass('migrations') is not null as "isThere"`;
	if (!row.isThere) return false;
	return (await readVersion(sql)) >= newestOf(await own) && !(await isOutgrown(sql));
}

function newestOf(migrations: readonly Migration[]): number {
	return migrations.at(-1)?.version ?? 0;
}

async function readMigrations(folder: string): Promise<Migration[]> {
	const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
	return Promise.all(
		files.map(async (file) => {
			const version = Number.parseInt(file, 10);
			const statements = await readFile(path.join(folder, file), 'utf8');
			const oldest = Number(/^-- oldest: (\d+)$/m.exec(firstLine(statements))?.[1] ?? version);
			return { version, name: path.basename(file, '.sql'), oldest, statements };
		}),
	);
}

function firstLine(text: string): string {
	return text.split(/\r?\n/, 1)[0] ?? '';
}

/** In a transaction of its own: its locks must not wait for a migration that takes long. */
async function prepare(tx: TransactionSql): Promise<void> {
	await tx`select pg_advisory_xact_lock(${lock})`;
	await tx`
		create table if not exists migrations (
			version integer primary key,
			name text not null,
			applied_at timestamptz not null default now()
		)`;
	await tx`alter table migrations add column if not exists oldest integer`;
}

/** Applies the first migration that the database lacks; false when there is none. */
async function applyNext(tx: TransactionSql, migrations: readonly Migration[]): Promise<boolean> {
	await tx`select pg_advisory_xact_lock(${lock})`;
	const known = newestOf(migrations);
	const needed = await readNeeded(tx);
	if (needed > known) {
		throw new Refusal(
			'conflict',
			`This database was made by a newer Muster (it needs one that knows schema ${needed}, this one knows ${known}). Start the newer one.`,
		);
	}
	const current = await readVersion(tx);
	const next = migrations.find(({ version }) => version > current);
	if (!next) return false;
	const { version, name, oldest } = next;
	await tx.unsafe(next.statements);
	await tx`insert into migrations (version, name, oldest) values (${version}, ${name}, ${oldest})`;
	return true;
}

async function readVersion(sql: ISql): Promise<number> {
	const [row] = await sql<[{ version: number }]>`
		select coalesce(max(version), 0) as version from migrations`;
	return row.version;
}

/** The schema that whoever works on this database must know at least. */
async function readNeeded(sql: ISql): Promise<number> {
	const [row] = await sql<[{ needed: number }]>`
		select coalesce(max(coalesce(oldest, version)), 0) as needed from migrations`;
	return row.needed;
}
