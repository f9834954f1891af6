import { afterAll, beforeAll, expect, test } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { TestJournal } from '../../support/journal.ts';
import { PresenceStand, type TestClient } from '../../support/presence.ts';
import { until } from '../../support/until.ts';

let stand: PresenceStand;
beforeAll(async () => void (stand = await PresenceStand.open()));
afterAll(() => stand[Symbol.asyncDispose]());

test('who watches the board sees what is declared, decided and written', async () => {
	const ada = await stand.person('Ada');
	await ada.ask('board');
	const journal = await TestJournal.declare(stand.db.sql);
	const last = () => ada.rows.findLast(({ id }) => id === journal.incident);
	stand.persister.heard(journal.notice());
	await until('the incident is on the board', () => last()?.title === 'checkout is down');
	stand.persister.heard(await journal.decides({ type: 'setSeverity', severity: 'SEV1' }));
	await until('its severity is', () => last()?.severity === 'SEV1');
	await journal.edits((doc) => impactOf(doc).insert(0, 'nobody can pay'));
	stand.persister.heard(journal.notice());
	await until('its impact is', () => last()?.impact === 'nobody can pay');
});

test('who watches the board sees how many persons are in a room', async () => {
	const journal = await TestJournal.declare(stand.db.sql);
	await stand.persister.caughtUp(journal.document);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await ada.ask('board');
	const count = () => ada.rows.findLast(({ id }) => id === journal.incident)?.people;
	await grace.ask('enter', { incident: journal.incident });
	await until('grace is counted', () => count() === 1);
	grace.socket.disconnect();
	await until('nobody is counted', () => count() === 0);
});

test('what changed just before somebody began to watch is told too', async () => {
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await grace.ask('board');
	const journal = await TestJournal.declare(stand.db.sql);
	await stand.persister.caughtUp(journal.document);
	const isTold = (client: TestClient) => client.rows.some(({ id }) => id === journal.incident);
	await until('grace is told', () => isTold(grace));
	await ada.ask('board');
	await until('ada is told', () => isTold(ada));
});

test('who does not watch the board hears nothing of it', async () => {
	const [ada, linus] = [await stand.person('Ada'), await stand.person('Linus')];
	await ada.ask('board');
	const journal = await TestJournal.declare(stand.db.sql);
	await stand.persister.caughtUp(journal.document);
	await until('ada is told', () => ada.rows.some(({ id }) => id === journal.incident));
	expect(linus.rows).toEqual([]);
});

test('rows that cannot be read make watchers come back, who then read the board anew', async () => {
	const ada = await stand.person('Ada');
	await ada.ask('board');
	const journal = await TestJournal.declare(stand.db.sql);
	stand.isAway = true;
	stand.presence.boardTouched(journal.incident);
	await until('ada is sent around', () => ada.ends.length > 0);
	stand.isAway = false;
	await until('ada is back', () => ada.socket.connected);
});
