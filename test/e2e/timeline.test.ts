import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

test('-10m logs what happened ten minutes ago where it belongs, and says how late it came', async ({
	house,
	ada,
}) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.log('pool is at 60/60');
	await room.composer.fill('-10m deploy 22-4 went out');
	await expect(ada.getByLabel('Understood as')).toContainText(/UTC, 10 min ago/);
	await room.composer.press('Enter');

	const late = room.line('deploy 22-4 went out');
	await expect(late).toContainText('logged 10 min later');
	await expect(late).not.toContainText('-10m');
	await expect(
		room.timeline
			.getByRole('listitem')
			.filter({ has: ada.locator('article') })
			.first(),
	).toContainText('deploy 22-4 went out');
});

test('a sign makes a line a decision, a theory or ruled out, and the situation lists it', async ({
	house,
	ada,
}) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.log('! roll back to 22-3');
	await room.log('x replica lag: 0.3 s everywhere');
	await room.log('? connection pool is exhausted');
	await expect(room.line('Decision: roll back to 22-3')).toBeVisible();
	await expect(room.line('Ruled out: replica lag: 0.3 s everywhere')).toBeVisible();
	await expect(room.line('Theory: connection pool is exhausted')).toBeVisible();
	const situation = ada.getByRole('region', { name: 'Situation' });
	await expect(situation).toContainText('roll back to 22-3');
	await expect(situation).toContainText('replica lag: 0.3 s everywhere');
});

test('/task adds a task with its owner and the time to check back', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.composer.fill('/task drain us-east @grace 15m');
	await expect(ada.getByLabel('Understood as')).toContainText('grace');
	await room.composer.press('Enter');
	const task = ada.getByRole('list', { name: 'Tasks' }).getByRole('listitem');
	await expect(task).toContainText('drain us-east');
	await expect(task).toContainText('grace');
	await expect(task).toContainText('15 min');
	await expect(room.line('drain us-east')).toHaveCount(0);
});

test('/sev 1 shows what it changes before Enter, and can be taken back', async ({ house, ada }) => {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const room = await RoomPage.open(ada, number);
	await room.composer.fill('/sev 1');
	await expect(ada.getByLabel('Understood as')).toContainText('SEV3 → SEV1');
	await expect(ada.getByRole('button', { name: 'Apply' })).toBeVisible();
	await room.composer.press('Enter');
	await expect(room.words('It is SEV1 now.')).toBeVisible();
	await ada.getByRole('button', { name: 'Undo' }).click();
	await expect(room.severity).toContainText('SEV3');
});

test('/resolve asks once, and only the second Enter does it', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.log('/resolve');
	await expect(room.words('Is it over?').first()).toBeVisible();
	await expect(room.line('Resolved by ada')).toHaveCount(0);
	await room.composer.press('Escape');
	await expect(room.composer).toHaveValue('/resolve');
	await room.composer.press('Enter');
	await room.composer.press('Enter');
	await expect(room.line('Phase Investigating → Resolved by ada')).toBeVisible();
});

test('a backslash takes the meaning from what follows, and an unknown command stays text', async ({
	house,
	ada,
}) => {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const room = await RoomPage.open(ada, number);
	await room.log('\\/sev 1 is what I would say');
	await expect(room.line('/sev 1 is what I would say')).toBeVisible();
	await expect(room.line('\\')).toHaveCount(0);
	await room.composer.fill('/svv 1');
	await expect(ada.getByRole('button', { name: 'Use /sev' })).toBeVisible();
	await room.composer.press('Enter');
	await expect(room.line('/svv 1')).toBeVisible();
	await expect(room.severity).toContainText('SEV3');
});

test('an entry is struck and restored, never gone, on every screen', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await left.log('the password is hunter2');
	await left.choose(left.line('hunter2'), 'Strike');
	await expect(right.line('hunter2')).toContainText('struck');
	await expect(right.line('hunter2').locator('s')).toHaveText('the password is hunter2');
	await right.choose(right.line('hunter2'), 'Restore');
	await expect(left.line('hunter2').locator('s')).toHaveCount(0);
});

test('a star makes a key entry that the filter finds', async ({ house, ada, grace }) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await left.log('pool is at 60/60');
	await left.log('rollback started');
	await right.line('rollback started').getByRole('button', { name: 'Key entry' }).click();
	await expect(
		left.line('rollback started').getByRole('button', { name: 'Key entry' }),
	).toHaveAttribute('aria-pressed', 'true');
	await ada.getByRole('link', { name: '★ Key' }).click();
	await expect(left.line('rollback started')).toBeVisible();
	await expect(left.line('pool is at 60/60')).toHaveCount(0);
	await expect(ada).toHaveURL(/show=key/);
});

test('an entry’s text, time and kind can be corrected later', async ({ house, ada, grace }) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await left.log('rolback started');
	await left.choose(left.line('rolback started'), 'Edit text');
	const field = ada.getByLabel('Edit the entry');
	await field.press('Home');
	await field.press('ArrowRight');
	await field.press('ArrowRight');
	await field.press('ArrowRight');
	await field.pressSequentially('l');
	await ada.getByRole('button', { name: 'Done' }).click();
	await expect(right.line('rollback started')).toBeVisible();

	await right.choose(right.line('rollback started'), 'Change kind');
	await grace.getByRole('dialog').getByRole('button', { name: 'Action' }).click();
	await expect(left.line('Action: rollback started')).toBeVisible();

	await left.choose(left.line('rollback started'), 'Change time');
	await ada.getByLabel('When it began (UTC)').fill('2020-01-01T02:58');
	await ada.keyboard.press('Enter');
	await expect(right.line('rollback started').locator('time').first()).toHaveAttribute(
		'datetime',
		/^2020-01-01T02:58/,
	);
});

test('the GitLab timeline, imported, shows its entries in order with times, doubts, ranges and actors', async ({
	house,
	ada,
}) => {
	const file = JSON.parse(
		await readFile('test/fixtures/timelines/gitlab-2017-01-31.json', 'utf8'),
	) as { entries: FileEntry[] };
	const { number } = (await house.ask('ada', 'POST /imports/timeline', file)) as { number: number };
	const room = await RoomPage.open(ada, number);
	await ada.getByRole('link', { name: 'People' }).click();
	const lines = room.timeline.getByRole('listitem').filter({ has: ada.locator('article') });
	await expect(lines).toHaveCount(33);

	const shown = await lines.evaluateAll((items) =>
		items.map((item) => ({
			times: [...item.querySelectorAll('.time time')].map((time) => time.getAttribute('datetime')),
			words: item.textContent.replaceAll(/\s+/g, ' '),
		})),
	);
	const inOrder = file.entries
		.map((entry, at) => ({ ...entry, at: Date.parse(entry.at), place: at }))
		.toSorted((a, b) => a.at - b.at || a.place - b.place);
	for (const [i, entry] of inOrder.entries()) {
		const line = shown[i];
		expect(line?.words).toContain(entry.text.replaceAll(/\s+/g, ' '));
		expect(Date.parse(line?.times[0] ?? '')).toBe(entry.at);
		if (entry.ended_at) expect(Date.parse(line?.times[1] ?? '')).toBe(Date.parse(entry.ended_at));
		if (entry.actor) expect(line?.words).toContain(entry.actor);
		expect(line?.words.trimStart().startsWith('about')).toBe(entry.approximate === true);
	}
});

interface FileEntry {
	readonly at: string;
	readonly text: string;
	readonly ended_at?: string;
	readonly actor?: string;
	readonly approximate?: boolean;
}
