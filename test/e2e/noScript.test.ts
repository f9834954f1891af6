import { expect, test } from '../support/e2e.ts';
import { accountOf } from '../support/house.ts';
import { resolvedIncident, RetroPage } from '../support/retroPage.ts';

const noScript = { javaScriptEnabled: false };

test('without scripts somebody signs in, declares, and reads the board and the room', async ({
	house,
	browser,
}) => {
	const page = await house.enter(browser, null, noScript);
	await page.goto('/');
	await page.getByLabel('E-mail').fill(accountOf('grace').email);
	await page.getByLabel('Password').fill(accountOf('grace').password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.getByRole('main').getByRole('link', { name: 'Declare' }).click();
	await page.getByLabel('What is wrong?').fill('checkout is down');
	await page.getByRole('radio', { name: 'SEV2' }).check();
	await page.getByRole('button', { name: 'Declare' }).click();

	await expect(page.getByRole('heading', { level: 1 })).toContainText('checkout is down');
	await expect(page.getByText('Incident declared by grace')).toBeVisible();
	await expect(page.getByText('Comms — nobody').first()).toBeVisible();
	await page.goto('/');
	await expect(page.getByRole('link', { name: 'checkout is down' })).toBeVisible();
	await page.context().close();
});

test('without scripts a room shows all that is in it, and promises nothing that needs them', async ({
	house,
	browser,
}) => {
	const number = await house.declare('search is slow', { severity: 'SEV3' });
	const post = (path: string, body: object) =>
		house.ask('ada', `POST /incidents/${number}/${path}`, body);
	await post('entries', { text: 'Pool at 60/60', kind: 'finding' });
	await post('commands', { type: 'link', url: 'https://example.com/d', title: 'Dashboard' });
	const page = await house.enter(browser, 'linus', noScript);
	await page.goto(`/i/${number}`);
	await expect(page.getByText('Pool at 60/60')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Dashboard', exact: true })).toBeVisible();
	await expect(page.getByRole('group', { name: 'Impact' })).toBeVisible();
	await expect(page.getByText('● Saved')).toHaveCount(0);
	await page.context().close();
});

test('without scripts somebody begins a retrospective and owns it, and a viewer cannot', async ({
	house,
	browser,
}) => {
	const number = await resolvedIncident(house);
	const linus = await house.enter(browser, 'linus', noScript);
	await linus.goto(`/i/${number}/retro`);
	await expect(linus.getByText('A responder can begin it.')).toBeVisible();
	await expect(linus.getByRole('button', { name: 'Begin the retrospective' })).toHaveCount(0);
	const grace = await house.enter(browser, 'grace', noScript);
	await grace.goto(`/i/${number}/retro`);
	await grace.getByRole('button', { name: 'Begin the retrospective' }).click();
	const retro = new RetroPage(grace);
	await expect(retro.text).toContainText('key line 1');
	await expect(retro.state).toContainText('Draft');
	await expect(grace.getByRole('button', { name: /^grace.*change the owner/ })).toBeVisible();
	for (const page of [linus, grace]) await page.context().close();
});
