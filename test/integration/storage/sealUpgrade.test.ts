import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DocumentId } from '#core/ids.ts';
import { openDatabase } from '#server/storage/database.ts';
import { appendTurnAfter } from '#server/storage/documents.ts';
import { migrate } from '#server/storage/migrate.ts';
import { newTurn } from '#server/sync/journal.ts';
import { emptyDatabaseUrl } from '../../support/database.ts';

const migrations = path.resolve(import.meta.dirname, '../../../server/storage/migrations');

/** The migrations of a release that knew of no seals. */
async function before(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-older-'));
	onTestFinished(() => rm(folder, { recursive: true }));
	for (const file of await readdir(migrations)) {
		if (Number.parseInt(file, 10) < 7)
			await cp(path.join(migrations, file), path.join(folder, file));
	}
	return folder;
}

test('an upgrade seals what is closed by then, from its own moment on, and nothing else', async () => {
	await using db = openDatabase({ url: await emptyDatabaseUrl() }, { max: 1 });
	const { sql } = db;
	await migrate(sql, await before());
	const documents = ['closed', 'resolved'].map((status) => ({
		...{ status, id: crypto.randomUUID() as DocumentId },
	}));
	for (const { id, status } of documents) {
		await sql`
			insert into incidents (id, declared_by) values (${id}, '00000000-0000-0000-0000-000000000000')`;
		await sql`insert into documents (id, incident, kind, head) values (${id}, ${id}, 'room', '')`;
		await sql`
			insert into projected_incidents (
				incident, upto_turn, upto_at, number, title, kind, origin, status, declared_at,
				empty_roles, impact, milestones
			) values (${id}, 1, now(), 1, '', 'incident', 'live', ${status}, now(), '{}', '', '{}')`;
	}
	await migrate(sql);
	for (const { id, status } of documents) {
		const place = await appendTurnAfter(sql, id, { ...newTurn([]), after: 0 });
		expect(place === null, status).toBe(status === 'closed');
	}
	const [row] = await sql<[{ isFresh: boolean }]>`
		select bool_and(sealed_at > now() - interval '1 minute') as "isFresh" from documents
		where sealed_at is not null`;
	expect(row.isFresh).toBe(true);
});
