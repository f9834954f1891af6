import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

test('an empty role is said in words, and whoever is given it is there on every screen', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await expect(left.roles).toContainText('ada (acting)');
	await expect(left.roles).toContainText('Comms — nobody');

	await left.roles.getByRole('button', { name: 'Assign Comms' }).click();
	const dialog = ada.getByRole('dialog', { name: 'Who is Comms?' });
	await dialog.getByRole('option', { name: /grace/ }).click();
	await expect(left.roles).not.toContainText('Comms — nobody');
	await expect(right.roles.getByRole('listitem').filter({ hasText: 'Comms' })).toContainText(
		'grace',
	);
	await expect(right.line('ada assigns Comms to grace')).toBeVisible();

	await right.roles.getByTitle('Change Comms').click();
	await grace.getByRole('dialog').getByRole('button', { name: 'Nobody' }).click();
	await expect(left.roles).toContainText('Comms — nobody');
});

test('whoever sets the severity too late reads who was faster, and may insist', async ({
	house,
	ada,
	grace,
}) => {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const [left, right] = await RoomPage.openBoth([ada, grace], number);
	await grace.context().setOffline(true);
	await right.severity.click();
	await grace.getByRole('dialog').getByRole('button', { name: 'SEV2' }).click();
	await left.severity.click();
	await ada.getByRole('dialog').getByRole('button', { name: 'SEV1' }).click();
	await expect(left.words('It is SEV1 now.')).toBeVisible();
	await grace.context().setOffline(false);

	await expect(right.words(/^ada set SEV1 .+ before you\.$/)).toBeVisible();
	await expect(right.severity).toContainText('SEV1');
	await grace.getByRole('button', { name: 'Set SEV2' }).click();
	await expect(left.severity).toContainText('SEV2');
	await expect(left.line('Severity SEV1 → SEV2 by grace')).toBeVisible();
});

test('what a command did can be undone for a while, and both changes are on record', async ({
	house,
	ada,
}) => {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const room = await RoomPage.open(ada, number);
	await ada.getByTitle('Set the phase to Identified').click();
	await expect(room.words('The phase is Identified now.')).toBeVisible();
	await ada.getByRole('button', { name: 'Undo' }).click();
	await expect(room.words('Undone.')).toBeVisible();
	await expect(room.line('Phase Investigating → Identified by ada')).toBeVisible();
	await expect(room.line('Phase Identified → Investigating by ada')).toBeVisible();
});

test('an incident is renamed, linked and given milestones by buttons', async ({
	house,
	ada,
	grace,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(ada, number);
	await RoomPage.open(grace, number);

	await ada.getByRole('button', { name: 'Rename the incident' }).click();
	await ada.getByRole('dialog').getByRole('textbox').fill('checkout is slow');
	await ada.keyboard.press('Enter');
	await expect(grace.getByRole('heading', { level: 1 })).toContainText('checkout is slow');
	await expect(grace).toHaveTitle(/checkout is slow/);

	await ada.getByRole('button', { name: '+ Link' }).click();
	await ada.getByLabel('Address').fill('https://grafana.example.com/d/1');
	await ada.getByLabel('What it is').fill('Dashboard');
	await ada.keyboard.press('Enter');
	await expect(grace.getByRole('link', { name: 'Dashboard', exact: true })).toHaveAttribute(
		'href',
		'https://grafana.example.com/d/1',
	);

	await ada.getByRole('button', { name: 'Set “Detected”' }).click();
	await ada.getByLabel('When (UTC)').fill('2020-01-01T02:10');
	await ada.keyboard.press('Enter');
	await expect(room.line('“Detected” set to 2020-01-01 02:10 UTC by ada')).toBeVisible();
});

test('a task is finished, given away and moved, on every screen', async ({ house, ada, grace }) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	for (const title of ['freeze deploys', 'roll back canary']) {
		await left.addTask(title);
	}
	await expect(right.tasks).toHaveCount(2);
	await right.tasks
		.filter({ hasText: 'freeze' })
		.getByRole('button', { name: /assign$/ })
		.click();
	await grace.keyboard.press('Enter');
	await expect(left.tasks.filter({ hasText: 'freeze' })).toContainText('grace');
	await left.choose(left.tasks.filter({ hasText: 'roll back' }), 'Move up');
	await expect(right.tasks.first()).toContainText('roll back canary');
	await right.tasks.first().getByRole('checkbox', { name: 'roll back canary' }).check();
	await expect(left.tasks.first().getByRole('checkbox')).toBeChecked();
});

test('a resolved incident can be closed: then it is read-only in words, until it is reopened', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await right.log('pool is at 60/60');
	await left.log('/task drain us-east @grace 15m');
	await ada.getByTitle('Set the phase to Resolved').click();
	const dialog = ada.getByRole('dialog', { name: 'Is it resolved?' });
	await expect(dialog).toContainText('One task is open');
	await expect(dialog).toContainText('Impact is empty');
	await dialog.getByRole('button', { name: 'Resolve' }).click();
	await ada.getByRole('button', { name: 'Close', exact: true }).click();

	for (const room of [left, right]) {
		await expect(room.saved).toHaveText('Read-only');
		await expect(room.words('This incident is closed and takes no more entries.')).toBeVisible();
		await expect(room.composer).toHaveCount(0);
		await expect(room.line('pool is at 60/60')).toBeVisible();
		await expect(room.page.getByRole('group', { name: 'Impact' })).toBeVisible();
	}

	await grace.getByRole('main').getByRole('button', { name: 'Reopen' }).first().click();
	await expect(left.composer).toBeVisible();
	await left.isLive();
	await left.log('it is back');
	await expect(right.line('it is back')).toBeVisible();
	await expect(right.line('Reopened by grace')).toBeVisible();
});

test('a viewer reads all of it as it changes, and has nothing to write with', async ({
	house,
	ada,
	linus,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(ada, number);
	await room.impact.fill('18 % of checkouts fail');
	await room.log('pool is at 60/60');
	const notes = await room.openNotes();
	await notes.pressSequentially('## Plan\nroll back', { delay: 5 });

	const watcher = await RoomPage.open(linus, number, '#notes');
	await expect(watcher.saved).toHaveText('Read-only');
	await expect(watcher.saved).toHaveAttribute('title', 'Read-only: you are a viewer here.');
	await expect(watcher.words('You are watching.')).toBeVisible();
	await expect(linus.getByRole('group', { name: 'Impact' })).toHaveText('18 % of checkouts fail');
	await expect(linus.getByRole('group', { name: 'Notes' })).toContainText('roll back');
	await expect(linus.getByRole('textbox')).toHaveCount(0);
	await expect(linus.getByRole('checkbox', { name: /task|drain/ })).toHaveCount(0);
	await room.log('rolling back');
	await expect(watcher.line('rolling back')).toBeVisible();
	await expect(ada.getByRole('button', { name: '2 people here. Show who.' })).toBeVisible();
});

test('a room that does not exist and one that is no number look the same', async ({ ada }) => {
	for (const address of ['/i/999999', '/i/nonsense', '/i/0']) {
		const response = await ada.goto(address);
		expect(response?.status()).toBe(404);
		await expect(ada.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
	}
});

test('a link to an entry leads to it', async ({ house, ada }) => {
	const number = await house.declare();
	await house.logLines(number, 60);
	const { timeline } = (await house.ask('ada', `GET /incidents/${number}`)) as {
		timeline: { id: string; text: string }[];
	};
	const entry = timeline.find(({ text }) => text === 'line 5');
	const room = await RoomPage.open(ada, number, `#e-${entry?.id}`);
	await expect(room.line(/line 5\b/)).toBeInViewport();
});

test('the toolbar of the notes says what the text at the caret is, wherever the caret goes', async ({
	house,
	ada,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(ada, number);
	const notes = await room.openNotes();
	await notes.pressSequentially('plain ');
	await ada.keyboard.press('Control+b');
	await notes.pressSequentially('bold');
	const button = ada.getByRole('toolbar', { name: 'Format' }).getByRole('button', { name: 'Bold' });
	await expect(button).toHaveAttribute('aria-pressed', 'true');
	await ada.keyboard.press('Home');
	await expect(button).toHaveAttribute('aria-pressed', 'false');
	await ada.keyboard.press('End');
	await expect(button).toHaveAttribute('aria-pressed', 'true');
});
