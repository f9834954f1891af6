import { expect, test } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { createLog } from '#server/log.ts';
import { Attendance } from '#server/persister/attendance.ts';
import { Persister } from '#server/persister/persister.ts';
import { newestCheckpoint } from '#server/storage/checkpoints.ts';
import { openDatabase } from '#server/storage/database.ts';
import { readProjected } from '#server/storage/projection.ts';
import { testDatabase, testDatabaseUrl } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { ada } from '../../support/record.ts';
import { untried } from '../../support/workbench.ts';

const log = createLog('silent');

test('when Muster stops, what was heard is derived and kept as a checkpoint', async () => {
	await using db = await testDatabase();
	const journal = await TestJournal.declare(db.sql);
	{
		await using persister = new Persister({ db, opening: untried(db), log });
		await journal.edits((doc) => impactOf(doc).insert(0, 'nobody can pay'));
		persister.heard(journal.notice());
	}
	const [row] = await readProjected(db.sql, [journal.incident]);
	expect(row?.impact).toBe('nobody can pay');
	expect((await newestCheckpoint(db.sql, journal.document))?.turn).toBe(journal.turn);
});

test('a store that does not answer is not waited for when Muster stops', async () => {
	const address = await testDatabaseUrl();
	await using wire = await wireTo(address);
	await using db = openDatabase({ url: through(wire, address) });
	const journal = await TestJournal.declare(db.sql);
	const persister = new Persister({ db, opening: untried(db), log });
	const attendance = new Attendance({ db, log });
	await persister.start();
	await persister.caughtUp(journal.document);
	wire.freeze();
	persister.heard(journal.notice());
	attendance.attended({ incident: journal.incident, person: ada, conn: 'a' }, 0);
	const stoppedAt = performance.now();
	await Promise.all([persister[Symbol.asyncDispose](), attendance[Symbol.asyncDispose]()]);
	expect(performance.now() - stoppedAt).toBeLessThan(limits.persisterEndMs + 1_000);
	wire.cut();
});

/** A wire to a database, which can be frozen. */
function wireTo(address: string): Promise<Proxy> {
	const url = new URL(address);
	const folder = url.searchParams.get('host');
	const port = Number(url.port || 5432);
	return startProxy(folder ? { path: `${folder}/.s.PGSQL.${port}` } : { host: url.hostname, port });
}

/** The same database at the near end of the wire. */
function through(wire: Proxy, address: string): string {
	const url = new URL(address);
	url.searchParams.delete('host');
	url.host = `127.0.0.1:${wire.port}`;
	return url.href;
}
