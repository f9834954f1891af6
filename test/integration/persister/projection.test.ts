import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { EntryId, IncidentId, TaskId } from '#core/ids.ts';
import { entriesOf, impactOf, notesOf } from '#core/incident/document.ts';
import { changeEntry, writeEntry } from '#core/incident/entries.ts';
import { writeTask } from '#core/incident/tasks.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import { projectIncident } from '#server/persister/project.ts';
import type { Database } from '#server/storage/database.ts';
import { readBoard, readProjected, writeProjection } from '#server/storage/projection.ts';
import { testDatabase } from '../../support/database.ts';
import { missedIn } from '../../support/derived.ts';
import { TestJournal } from '../../support/journal.ts';
import { oddContents, oddDocument } from '../../support/oddDocuments.ts';
import { ada, grace } from '../../support/record.ts';
import { until } from '../../support/until.ts';
import { untried } from '../../support/workbench.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');
const entryId = '01KAV00000000000000000000A' as EntryId;
const taskId = '01KAV00000000000000000000B' as TaskId;

async function projected(incident: IncidentId) {
	const [row] = await readProjected(db.sql, [incident]);
	return row;
}

test('an incident that is declared stands on the board', async () => {
	const journal = await TestJournal.declare(db.sql, { severity: 'SEV2' });
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.caughtUp(journal.document);
	const board = await readBoard(db.sql, { state: 'open' });
	expect(board.find(({ id }) => id === journal.incident)).toMatchObject({
		title: 'checkout is down',
		severity: 'SEV2',
		status: 'investigating',
		commander: ada,
		emptyRoles: ['ops', 'comms', 'scribe'],
		impact: '',
		declaredAt: '2026-11-24T02:13:00.000Z',
	});
});

test('an incident that is over leaves the open board and stays among the recent ones', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.decides({ type: 'setStatus', status: 'resolved' });
	await persister.caughtUp(journal.document);
	const has = async (state: 'open' | 'recent' | 'all') =>
		(await readBoard(db.sql, { state })).some(({ id }) => id === journal.incident);
	expect([await has('open'), await has('recent'), await has('all')]).toEqual([false, true, true]);
});

test('what is decided reaches the board without anybody asking', async () => {
	const journal = await TestJournal.declare(db.sql);
	const changed: string[] = [];
	await using persister = new Persister({
		db,
		opening: untried(db),
		log,
		projected: (id) => changed.push(id),
	});
	persister.heard(journal.notice());
	await until('the incident is projected', () => changed.length === 1);
	persister.heard(await journal.decides({ type: 'setSeverity', severity: 'SEV1' }));
	await until('the severity is projected', () => changed.length === 2);
	expect(await projected(journal.incident)).toMatchObject({ severity: 'SEV1' });
});

test('the board is told only of what it shows', async () => {
	const journal = await TestJournal.declare(db.sql);
	const changed: string[] = [];
	await using persister = new Persister({
		db,
		opening: untried(db),
		log,
		projected: (id) => changed.push(id),
	});
	await persister.caughtUp(journal.document);
	await journal.edits((doc) => notesOf(doc).insert(0, [new Y.XmlElement('paragraph')]));
	await persister.caughtUp(journal.document);
	expect(changed).toEqual([journal.incident]);
});

test('turns that nobody told of are found at the start', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.start();
	await until('the incident is projected', async () => Boolean(await projected(journal.incident)));
});

test('roles, statuses, severities and milestones are kept from when to when', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.decides(
		{ type: 'takeRole', role: 'commander' },
		{ type: 'assignRole', role: 'commander', person: grace },
		{ type: 'setSeverity', severity: 'SEV1' },
		{ type: 'setSeverity', severity: 'SEV3' },
		{ type: 'setStatus', status: 'resolved' },
		{ type: 'reopen' },
	);
	await persister.caughtUp(journal.document);
	const where = db.sql`where incident = ${journal.incident} order by fact`;
	expect(
		await db.sql`select role, person, acting, until is null as open from projected_roles ${where}`,
	).toEqual([
		{ role: 'commander', person: ada, acting: true, open: false },
		{ role: 'commander', person: ada, acting: false, open: false },
		{ role: 'commander', person: grace, acting: false, open: true },
	]);
	const statuses = await db.sql`
		select status, until is null as open from projected_statuses ${where}`;
	expect(statuses).toEqual([
		{ status: 'investigating', open: false },
		{ status: 'resolved', open: false },
		{ status: 'investigating', open: true },
	]);
	const severities = await db.sql`
		select severity, until is null as open from projected_severities ${where}`;
	expect(severities).toEqual([
		{ severity: 'SEV1', open: false },
		{ severity: 'SEV3', open: true },
	]);
	expect(await projected(journal.incident)).toMatchObject({
		severity: 'SEV3',
		highestSeverity: 'SEV1',
		milestones: { resolved: expect.any(String), acknowledged: expect.any(String) },
	});
});

test('entries and tasks are rows that follow the document', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.edits((doc) => {
		writeEntry(doc, entryId, { kind: 'note', text: 'first', occurredAt: 0, actors: 'JM' });
		writeTask(doc, taskId, { title: 'Page the network team', order: 'V', assignee: grace });
	});
	await persister.caughtUp(journal.document);
	await journal.edits((doc) => changeEntry(doc, entryId, { struck: true, kind: 'decision' }));
	await persister.caughtUp(journal.document);
	const entries = await db.sql`select * from projected_entries where id = ${entryId}`;
	expect(entries).toMatchObject([
		{ kind: 'decision', text: 'first', actors: 'JM', struck: true, logged_by: null },
	]);
	const tasks = await db.sql`select title, assignee, position from projected_tasks`;
	expect(tasks).toEqual([{ title: 'Page the network team', assignee: grace, position: 0 }]);
});

test('a part that did not change is not written again', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	const entry = { kind: 'note', text: 'first', occurredAt: 0 };
	await journal.edits((doc) => writeEntry(doc, entryId, entry));
	await persister.caughtUp(journal.document);
	const rowVersion = () => db.sql`
		select xmin from projected_entries where incident = ${journal.incident}`;
	const before = await rowVersion();
	await journal.edits((doc) => impactOf(doc).insert(0, 'nobody can pay'));
	await persister.caughtUp(journal.document);
	expect(await rowVersion()).toEqual(before);
});

test('whoever knows less writes nothing', async () => {
	const journal = await TestJournal.declare(db.sql);
	const { incident, doc } = journal;
	const early = projectIncident(incident, doc, { turn: 1, at: 1_000 });
	await journal.edits((edited) => impactOf(edited).insert(0, 'nobody can pay'));
	const late = projectIncident(incident, doc, { turn: 2, at: 2_000 });
	await writeProjection(db.sql, late, null);
	expect(await writeProjection(db.sql, early, null)).toBeNull();
	expect(await writeProjection(db.sql, { ...late, uptoTurn: 2 }, null)).toBeNull();
	expect(await projected(incident)).toMatchObject({ impact: 'nobody can pay' });
});

test('a writer that was overtaken does not trust what it wrote before', async () => {
	const journal = await TestJournal.declare(db.sql);
	const { incident, doc } = journal;
	const textOfEntry = async () =>
		(await db.sql`select text from projected_entries where incident = ${incident}`)[0]?.['text'];
	writeEntry(doc, entryId, { kind: 'note', text: 'first', occurredAt: 0 });
	const mine = await writeProjection(
		db.sql,
		projectIncident(incident, doc, { turn: 2, at: 0 }),
		null,
	);
	const text = (entriesOf(doc).get(entryId) as Y.Map<unknown>).get('text') as Y.Text;
	text.insert(5, ' and more');
	await writeProjection(db.sql, projectIncident(incident, doc, { turn: 3, at: 0 }), null);
	expect(await textOfEntry()).toBe('first and more');
	text.delete(5, 9);
	await writeProjection(db.sql, projectIncident(incident, doc, { turn: 4, at: 0 }), mine);
	expect(await textOfEntry()).toBe('first');
});

test('two persisters at once write one truth, and nothing twice', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using one = new Persister({ db, opening: untried(db), log });
	await using other = new Persister({ db, opening: untried(db), log });
	for (let i = 0; i < 12; i++) {
		await journal.types(100, impactOf);
		if (i === 5)
			await journal.decides({ type: 'setStatus', status: 'resolved' }, { type: 'close' });
		if (i === 6) await journal.decides({ type: 'reopen' });
		one.heard(journal.notice());
		await Promise.all([one.caughtUp(journal.document), other.caughtUp(journal.document)]);
	}
	one.unloaded(journal.document);
	other.unloaded(journal.document);
	const counts = async () => db.sql`
		select (select count(*) from snapshots where document = ${journal.document}) as snapshots,
			(select upto_turn from projected_incidents where incident = ${journal.incident}) as turn`;
	expect(await counts()).toEqual([{ snapshots: 1, turn: journal.turn }]);
	expect(await projected(journal.incident)).toMatchObject({
		impact: impactOf(journal.doc).toString().slice(0, 500),
	});
});

test('a document that cannot be opened whole is listed as of its last good turn, and keeps no other from it', async () => {
	const poison = await TestJournal.declare(db.sql);
	await poison.appends([
		{
			kind: 'edit',
			person: ada,
			conn: '',
			n: 0,
			client: 1,
			receivedAt: 0,
			bytes: Uint8Array.of(1, 2, 3),
		},
	]);
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.start();
	await until('both are listed', async () =>
		Boolean((await projected(journal.incident)) && (await projected(poison.incident))),
	);
	await persister.caughtUp(poison.document);
	expect(await missedIn(db.sql)).not.toContain(poison.document);
});

test('whatever a document holds, its rows can be written', async () => {
	const journal = await TestJournal.declare(db.sql);
	let turn = 1;
	await fc.assert(
		fc.asyncProperty(oddContents, async (odd) => {
			const doc = oddDocument(odd);
			const projection = projectIncident(journal.incident, doc, { turn: ++turn, at: 0 });
			expect(await writeProjection(db.sql, projection, null)).not.toBeNull();
		}),
		{ numRuns: 150 },
	);
});

test('NUL, half a surrogate pair and the year 0, which PostgreSQL does not know, are made storable', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	const yearZero = Date.parse('0000-01-01T00:00:00Z');
	await journal.edits((doc) => {
		const odd = `a\0b\ud800c${'x'.repeat(20_000)}`;
		writeEntry(doc, entryId, { kind: odd, text: odd, occurredAt: yearZero });
		impactOf(doc).insert(0, odd);
	});
	await persister.caughtUp(journal.document);
	const [row] = await db.sql<{ text: string; day: string }[]>`
		select text, (occurred_at at time zone 'UTC')::date::text as day from projected_entries where incident = ${journal.incident}`;
	expect(row?.text.slice(0, 4)).toBe('ab\ufffdc');
	expect(row?.day).toBe('0001-01-01');
});
