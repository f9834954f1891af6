import { expect, test } from '@playwright/test';
import { templateOfRun } from '../support/e2eTemplate.ts';
import { accountOf, firstRunLink } from '../support/house.ts';
import { startMuster } from '../support/server.ts';
import { cloneOf } from '../support/template.ts';

test('from the first-run link to an open room takes one account, one title and four clicks at most', async ({
	page,
}) => {
	await using muster = await startMuster({ databaseUrl: await cloneOf(templateOfRun()) });
	const { name, email, password } = accountOf('ada');

	await page.goto(muster.url);
	await expect(page.getByRole('heading', { name: 'Muster is running' })).toBeVisible();

	await page.goto(await firstRunLink(muster));
	await page.getByLabel('Your name').fill(name);
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Create my account' }).click();
	await expect(page.getByText('No open incidents. All is quiet.')).toBeVisible();

	await page.getByRole('main').getByRole('link', { name: 'Declare' }).click();
	await expect(page.locator('form :required')).toHaveCount(1);
	await page.getByLabel('What is wrong?').fill('checkout is down');
	await page.getByRole('button', { name: 'Declare' }).click();
	await expect(page.getByRole('heading', { name: 'INC-1 checkout is down' })).toBeVisible();
	await expect(page.getByText('● Saved')).toBeVisible();
});

test('the first-run link makes one admin and no second one', async ({ page }) => {
	await using muster = await startMuster({ databaseUrl: await cloneOf(templateOfRun()) });
	const link = await firstRunLink(muster);
	const { name, email, password } = accountOf('ada');
	await page.goto(link);
	await page.getByLabel('Your name').fill(name);
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Create my account' }).click();
	await expect(page.getByRole('heading', { name: 'Open incidents' })).toBeVisible();

	await page.context().clearCookies();
	await page.goto(link);
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
