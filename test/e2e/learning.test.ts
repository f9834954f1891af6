import type { Page } from '@playwright/test';
import { bundleFiles } from '#core/review/export/bundleFiles.ts';
import { readStays } from '#core/review/export/manifest.ts';
import { faultsOn, screens } from '../support/axe.ts';
import { exportBundle, filesIn, textIn } from '../support/bundles.ts';
import { expect, test } from '../support/e2e.ts';
import type { House, Name } from '../support/house.ts';
import { RoomPage } from '../support/roomPage.ts';

const dayFromNow = (days: number) =>
	new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** The id that somebody has. */
async function idOf(house: House, name: Name): Promise<string> {
	const { people } = (await house.ask('ada', 'GET /people')) as {
		people: { id: string; name: string }[];
	};
	return people.find((one) => one.name === name)?.id ?? '';
}

/** An incident with an action that is overdue and one that is grace's. */
async function furnish(house: House, title: string): Promise<number> {
	const number = await house.declare(title, { severity: 'SEV2' });
	const add = (body: object) => house.ask('ada', `POST /incidents/${number}/actions`, body);
	await add({ title: `Alert on saturation of ${title}`, kind: 'detect', dueOn: dayFromNow(-2) });
	await add({
		...{ title: `Drill the rollback of ${title}`, kind: 'process', dueOn: dayFromNow(9) },
		...{ owner: await idOf(house, 'grace'), link: 'https://tracker.example.com/OPS-812' },
	});
	return number;
}

/** Whether the page of the retrospective, as the server renders it for somebody, leads to the feedback. */
async function retroLeadsToFeedback(house: House, who: Name, number: number): Promise<boolean> {
	const response = await fetch(`${house.url}/i/${number}/retro`, {
		headers: { Cookie: house.cookieOf(who) },
	});
	return /href="[^"]*\/feedback"/.test(await response.text());
}

/** Waits until so many people are on record as having been in the room: whoever is not is not asked. */
async function areNotedAsPresent(house: House, number: number, count: number): Promise<void> {
	await expect(async () => {
		const files = await filesIn(await exportBundle(house.muster, number));
		const stays = readStays(JSON.parse(textIn(files, bundleFiles.attendance))) ?? [];
		expect(new Set(stays.map(({ person }) => person)).size).toBe(count);
	}).toPass();
}

async function close(house: House, number: number): Promise<void> {
	for (const command of [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }]) {
		await house.ask('ada', `POST /incidents/${number}/commands`, command);
	}
}

const row = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });

test('whoever opens the actions reads what is overdue first, in words, and narrows them by a link', async ({
	house,
	grace,
}) => {
	const number = await furnish(house, 'checkout is down');
	await grace.goto(`/actions?incident=${number}`);
	const rows = grace.getByRole('list', { name: 'Actions' }).getByRole('listitem');
	await expect(rows.first()).toContainText('2 days overdue');
	await expect(rows.first()).toContainText('nobody');
	await expect(rows.nth(1)).toContainText('due in 9 days');
	await grace.getByRole('link', { name: 'Mine' }).click();
	await expect(grace).toHaveURL(/owner=me/);
	await expect(rows).toHaveCount(1);
	await expect(rows.first()).toContainText('Drill the rollback');
	await grace.getByRole('link', { name: 'Overdue' }).click();
	await expect(rows).toHaveCount(1);
	await expect(rows.first()).toContainText('Alert on saturation');
});

test('an action is added, changed and done by keys alone', async ({ house, ada }) => {
	const number = await house.declare('search is slow');
	await ada.goto(`/actions?incident=${number}`);
	await ada.getByRole('button', { name: 'Add an action' }).press('Enter');
	await ada.keyboard.type('Write a runbook');
	await ada.keyboard.press('Enter');
	await expect(row(ada, 'Write a runbook')).toContainText('no due day');
	await ada.getByRole('button', { name: 'Edit Write a runbook' }).press('Enter');
	const dialog = ada.getByRole('dialog', { name: 'Change the action' });
	await dialog.getByLabel('Owner').selectOption('ada');
	await dialog.getByLabel('Due').fill(dayFromNow(1));
	await dialog.getByLabel('Link').fill('javascript:alert(1)');
	await ada.keyboard.press('Enter');
	await expect(dialog.getByRole('alert')).toContainText('A link starts with https://');
	await dialog.getByLabel('Link').fill('https://tracker.example.com/OPS-1');
	await ada.keyboard.press('Enter');
	await expect(dialog).toHaveCount(0);
	await expect(row(ada, 'Write a runbook')).toContainText('due tomorrow');
	await expect(row(ada, 'Write a runbook').getByRole('link', { name: 'Tracker' })).toHaveAttribute(
		'href',
		'https://tracker.example.com/OPS-1',
	);
	await ada.getByRole('button', { name: 'Done: Write a runbook' }).press('Enter');
	await expect(row(ada, 'Write a runbook')).toHaveCount(0);
	await ada.getByRole('link', { name: 'Done', exact: true }).click();
	await expect(row(ada, 'Write a runbook')).toContainText('by ada');
});

test('whoever saves what somebody else has changed meanwhile is told who, and sees it as it is now', async ({
	house,
	ada,
	grace,
}) => {
	const number = await furnish(house, 'mail is late');
	const title = 'Alert on saturation of mail is late';
	await ada.goto(`/actions?incident=${number}`);
	await grace.goto(`/actions?incident=${number}`);
	await ada.getByRole('button', { name: `Edit ${title}` }).click();
	await grace.getByRole('button', { name: `Edit ${title}` }).click();
	for (const page of [ada, grace]) {
		await page.getByLabel('Due').fill(dayFromNow(page === ada ? 1 : 5));
		await page.getByRole('button', { name: 'Save' }).click();
		await expect(page.getByRole('dialog')).toHaveCount(page === ada ? 0 : 1);
	}
	await expect(grace.getByRole('dialog').getByRole('alert')).toContainText(
		'ada changed this action meanwhile.',
	);
	await grace.keyboard.press('Escape');
	await expect(row(grace, title)).toContainText('due tomorrow');
});

test('what somebody else has done shows when one comes back to the page', async ({
	house,
	ada,
	grace,
}) => {
	const number = await furnish(house, 'cart is empty');
	await ada.goto(`/actions?incident=${number}&state=all`);
	await grace.goto(`/actions?incident=${number}`);
	await grace.getByRole('button', { name: 'Done: Alert on saturation of cart is empty' }).click();
	await expect(row(grace, 'Alert on saturation')).toHaveCount(0);
	await ada.evaluate(() => window.dispatchEvent(new Event('focus')));
	await expect(row(ada, 'Alert on saturation')).toContainText('by grace');
});

test('a viewer reads the actions and has nothing to change them with', async ({ house, linus }) => {
	const number = await furnish(house, 'login is slow');
	await linus.goto(`/actions?incident=${number}`);
	await expect(row(linus, 'Alert on saturation')).toBeVisible();
	await expect(linus.getByRole('main').getByRole('button')).toHaveCount(0);
});

test('an address that asks for something odd says what, and not to load it again', async ({
	ada,
}) => {
	await ada.goto('/actions?owner=zzz');
	await expect(ada.getByRole('heading', { name: 'This address is not right' })).toBeVisible();
	await expect(ada.getByRole('link', { name: 'Load again' })).toHaveCount(0);
	await expect(ada.getByRole('link', { name: 'All incidents' })).toBeVisible();
});

test('without scripts actions are read and done', async ({ house, browser }) => {
	const number = await furnish(house, 'pages are blank');
	const page = await house.enter(browser, 'grace', { javaScriptEnabled: false });
	await page.goto(`/actions?incident=${number}`);
	await page.getByRole('button', { name: 'Done: Alert on saturation of pages are blank' }).click();
	await expect(page).toHaveURL(/\/actions\?incident=/);
	await expect(row(page, 'Alert on saturation')).toHaveCount(0);
	await page.getByRole('link', { name: 'Done', exact: true }).click();
	await expect(row(page, 'Alert on saturation')).toContainText('by grace');
	await page.context().close();
});

test('three who were in the room answer after its closing, and then all read the sum', async ({
	house,
	browser,
	ada,
	grace,
	linus,
}) => {
	await house.setAccess('linus', 'responder');
	const number = await house.declare('checkout is down');
	for (const page of [ada, grace, linus]) await RoomPage.open(page, number);
	await areNotedAsPresent(house, number, 3);
	await close(house, number);
	await ada.getByRole('link', { name: 'Feedback' }).click();
	await house.ask('ada', `POST /incidents/${number}/retro`, {});
	expect(await retroLeadsToFeedback(house, 'ada', number)).toBe(true);
	const noScript = await house.enter(browser, 'linus', { javaScriptEnabled: false });
	for (const [at, page] of [ada, grace, noScript].entries()) {
		await page.goto(`/i/${number}/feedback`);
		await page
			.getByRole('group', { name: 'Did we find out soon enough?' })
			.getByText('Not at all')
			.click();
		await page.getByRole('group', { name: 'Did everybody know' }).getByText('Mostly').click();
		await page.getByRole('group', { name: 'Would you handle' }).getByText('Fully').click();
		await page.getByLabel('One line').fill(`The pager was silent ${at}`);
		await page.getByRole('button', { name: 'Send' }).click();
		if (at < 2) await expect(page.getByText('Thank you, your answer is kept')).toBeVisible();
		if (at === 0) expect(await retroLeadsToFeedback(house, 'ada', number)).toBe(false);
	}
	await noScript.context().close();
	expect(await retroLeadsToFeedback(house, 'ada', number)).toBe(true);
	await ada.reload();
	const table = ada.getByRole('table');
	await expect(table.getByRole('row', { name: /Did everybody know/ })).toContainText('3.0 of 4');
	await expect(ada.getByText('The pager was silent 1')).toBeVisible();
	await house.setAccess('linus', 'viewer');
});

test('a problem gathers incidents of one cause, and shows what is done about them', async ({
	house,
	grace,
}) => {
	const number = await furnish(house, 'disks are full');
	await grace.goto('/problems');
	await grace.getByText('Add a problem').click();
	await grace.getByLabel('Title').fill('Disks fill up');
	await grace.getByRole('button', { name: 'Add the problem' }).click();
	await expect(grace.getByRole('heading', { level: 1, name: 'Disks fill up' })).toBeVisible();
	await grace.getByLabel('Number of an incident').fill(`INC-${number}`);
	await grace.getByRole('button', { name: 'Add', exact: true }).click();
	await expect(
		grace.getByRole('link', { name: `INC-${number} disks are full` }).first(),
	).toBeVisible();
	await expect(row(grace, 'Alert on saturation of disks')).toBeVisible();
	await grace.getByText('Change', { exact: true }).click();
	await grace.getByLabel('State').selectOption('Known error');
	await grace.getByRole('button', { name: 'Save' }).click();
	await expect(grace.getByRole('definition').first()).toHaveText('Known error');
	await grace.getByRole('button', { name: `Take out INC-${number} disks are full` }).click();
	await expect(grace.getByText('None yet.')).toBeVisible();
});

test('an admin adds a cause, retires it and offers it again', async ({ ada, linus }) => {
	await ada.goto('/settings/causes');
	await ada.getByLabel('Name').fill('Expired certificate');
	await ada.getByRole('button', { name: 'Add', exact: true }).click();
	await ada.getByRole('button', { name: 'Retire Expired certificate' }).click();
	await expect(row(ada, 'Expired certificate')).toContainText('retired');
	await ada.getByRole('button', { name: 'Offer Expired certificate again' }).click();
	await ada
		.getByRole('textbox', { name: 'Description of Expired' })
		.fill('Nobody renewed it in time');
	await ada.getByRole('button', { name: 'Save the description of Expired certificate' }).click();
	await linus.goto('/settings/causes');
	await expect(row(linus, 'Expired certificate')).toContainText('Nobody renewed it in time');
	await expect(linus.getByRole('main').getByRole('button')).toHaveCount(0);
});

for (const [name, screen] of Object.entries(screens)) {
	test(`axe finds nothing on the pages of what is learnt, on a ${name}`, async ({
		house,
		browser,
	}) => {
		test.setTimeout(180_000);
		const page = await house.enter(browser, 'ada', screen);
		const number = await furnish(house, `${name} is down`);
		await house.ask('ada', 'POST /problems', { title: `${name}s break`, cause: 'load' });
		await close(house, number);
		const paths = [
			'/actions',
			'/actions?state=all',
			'/actions?owner=me',
			'/problems',
			'/problems/1',
		];
		for (const path of [
			...paths,
			'/retros',
			'/lessons',
			'/lessons?q=nothing',
			'/settings/causes',
		]) {
			await page.goto(path);
			expect(await faultsOn(page), path).toEqual([]);
		}
		await page.goto(`/i/${number}/feedback`);
		expect(await faultsOn(page), 'feedback').toEqual([]);
		await page.goto(`/actions?incident=${number}`);
		await page.getByRole('button', { name: /^Edit/ }).first().click();
		await expect(page.getByRole('dialog')).toBeVisible();
		expect(await faultsOn(page), 'the dialog of an action').toEqual([]);
		const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		expect(width).toBeLessThanOrEqual(0);
		await page.context().close();
	});
}
