import { accountOf, signIn } from '../support/house.ts';
import { expect, test } from '../support/e2e.ts';
import { openBoard } from '../support/roomPage.ts';

test('somebody who is invited by a link makes an account and is in', async ({ ada, browser }) => {
	await openBoard(ada);
	await ada.getByRole('link', { name: 'Settings' }).click();
	await ada.getByLabel('Name (optional)').fill('margaret');
	await ada.getByRole('button', { name: 'Make a link' }).click();
	const link = await ada.getByLabel('Invitation link for margaret').inputValue();
	await expect(ada.getByLabel('Name (optional)')).toHaveValue('');
	await expect(ada.getByLabel('Access', { exact: true })).toHaveValue('responder');

	const context = await browser.newContext();
	const margaret = await context.newPage();
	await margaret.goto(link);
	await expect(margaret.getByText('You will declare incidents and work on them.')).toBeVisible();
	await expect(margaret.getByLabel('Your name')).toHaveValue('margaret');
	await margaret.getByLabel('E-mail').fill('margaret@example.com');
	await margaret.getByLabel('Password').fill('another long password');
	await margaret.getByRole('button', { name: 'Join' }).click();
	await expect(margaret.getByRole('heading', { name: 'Open incidents' })).toBeVisible();

	await margaret.context().clearCookies();
	await margaret.goto(link);
	await expect(margaret.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
	await context.close();
});

test('whoever opens a room without being signed in comes back to it after signing in', async ({
	house,
	browser,
}) => {
	const number = await house.declare();
	const stranger = await house.enter(browser, null);
	await stranger.goto(`/i/${number}`);
	await expect(stranger.getByText('Sign in to open the incident.')).toBeVisible();

	await signIn(stranger, accountOf('grace').email, 'not my password at all');
	await expect(stranger.getByText('E-mail address or password is wrong.')).toBeVisible();

	await signIn(stranger, accountOf('grace').email);
	await expect(stranger.getByRole('heading', { name: /checkout is down/ })).toBeVisible();
	await stranger.context().close();
});

test('signing out ends the session, and its pages ask to sign in', async ({ house, browser }) => {
	const page = await house.enter(browser, null);
	await page.goto('/login');
	await signIn(page, accountOf('grace').email);
	await page.getByRole('button', { name: /^grace/ }).click();
	await page.getByRole('button', { name: 'Sign out', exact: true }).click();
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await page.goto('/');
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await page.context().close();
});

test('a theme that somebody chose is there from the first paint of the next page', async ({
	ada,
}) => {
	await ada.goto('/');
	await ada.getByRole('button', { name: /^ada/ }).click();
	await ada.getByRole('radio', { name: 'Dark' }).check();
	await ada.reload({ waitUntil: 'commit' });
	await expect(ada.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('an admin changes what somebody may do, reads that it is saved, and has no way to change their own', async ({
	house,
	ada,
}) => {
	await openBoard(ada);
	await ada.getByRole('link', { name: 'Settings' }).click();
	const saved = ada.getByRole('status').filter({ hasText: /grace: Saved as/ });
	await ada.getByLabel('Access of grace').selectOption('viewer');
	await expect(saved).toContainText('Saved as Viewer');
	await ada.reload();
	await expect(saved).toHaveCount(0);
	await expect(ada.getByLabel('Access of grace')).toHaveValue('viewer');
	await expect(ada.getByLabel('Access of ada')).toHaveCount(0);
	await house.setAccess('grace', 'responder');
});

test('a token is shown once, and no more once it is revoked', async ({ ada }) => {
	await ada.goto('/settings/tokens');
	await ada.getByLabel('What is it for?').fill('deploy script');
	await ada.getByRole('button', { name: 'Make a token' }).click();
	await expect(ada.getByLabel('Token deploy script')).toHaveValue(/^.{20,}$/);

	await ada.reload();
	await expect(ada.getByLabel('Token deploy script')).toHaveCount(0);
	await ada.getByRole('button', { name: 'Revoke deploy script' }).click();
	await expect(ada.getByText('None yet.')).toBeVisible();
});
