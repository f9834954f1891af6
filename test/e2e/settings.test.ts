import type { Page } from '@playwright/test';
import { faultsOn, screens } from '../support/axe.ts';
import { expect, test } from '../support/e2e.ts';

const headings = (page: Page) =>
	page
		.getByRole('list', { name: 'Sections' })
		.getByLabel('Heading')
		.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));

for (const javaScriptEnabled of [true, false]) {
	const how = javaScriptEnabled ? 'with' : 'without';
	test(`${how} scripts an admin changes what new retrospectives begin with, and takes it back`, async ({
		house,
		browser,
		linus,
	}) => {
		const page = await house.enter(browser, 'ada', { javaScriptEnabled });
		await page.goto('/settings/retro');
		await page.getByRole('button', { name: 'Add a section' }).click();
		await expect(page.getByLabel('Heading')).toHaveCount(10);
		await page.getByLabel('Heading').last().fill('Near misses');
		await page.getByLabel('Question').last().fill('What nearly went wrong?');
		await page.getByLabel('Begins with').last().selectOption('A summary of what happened');
		await page.getByRole('checkbox', { name: 'Key entries' }).last().check();
		await page
			.getByRole('button', { name: /^Move up: / })
			.last()
			.click();
		await expect(page.getByLabel('Heading').nth(8)).toHaveValue('Near misses');
		await page.getByRole('button', { name: 'Remove: What helped' }).click();
		await expect(page.getByLabel('Heading')).toHaveCount(9);
		await expect(page.getByText('Not saved yet')).toBeVisible();
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect(page.getByRole('status').filter({ hasText: /^\s*Saved/ })).toBeVisible();
		await page.reload();
		expect((await headings(page)).slice(-3)).toEqual(['Lessons', 'Near misses', 'Actions']);
		await linus.goto('/settings/retro');
		const read = linus.getByRole('list', { name: 'Sections' }).getByRole('listitem');
		await expect(read.nth(7)).toContainText('Begins with a summary of what happened.');
		await expect(read.nth(7)).toContainText('Shows: key entries.');
		await expect(linus.getByRole('main').getByRole('button')).toHaveCount(0);
		await page.getByRole('button', { name: 'Begin with Muster’s own again' }).click();
		await expect(page.getByText('These are Muster’s own sections.')).toBeVisible();
		expect(await headings(page)).toContain('What helped');
		await page.context().close();
	});
}

for (const javaScriptEnabled of [true, false]) {
	const how = javaScriptEnabled ? 'with' : 'without';
	test(`${how} scripts an admin chooses what is downtime, and the time zone of the insights`, async ({
		house,
		browser,
		linus,
	}) => {
		const page = await house.enter(browser, 'ada', { javaScriptEnabled });
		const third = page.getByRole('checkbox', { name: 'SEV3' });
		const zone = page.getByRole('combobox', { name: 'Time zone' });
		const save = async () => {
			await page.getByRole('button', { name: 'Save' }).click();
			await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
		};
		await page.goto('/settings/figures');
		await third.check();
		await zone.selectOption('America/Los_Angeles');
		await save();
		await expect(third).toBeChecked();
		await expect(zone).toHaveValue('America/Los_Angeles');

		await linus.goto('/settings/figures');
		await expect(linus.getByRole('main')).toContainText('SEV1, SEV2, SEV3');
		await expect(linus.getByRole('main').getByRole('button')).toHaveCount(0);
		await linus.goto('/insights');
		await expect(linus.getByText('Times are in America/Los_Angeles.')).toBeVisible();
		await linus.goto('/insights?tz=Asia/Tokyo');
		await expect(linus.getByText('Times are in Asia/Tokyo.')).toBeVisible();

		await third.uncheck();
		await zone.selectOption('UTC');
		await save();
		await page.context().close();
	});
}

test('a heading that stands twice is refused, and what was typed stays', async ({ ada }) => {
	await ada.goto('/settings/retro');
	await ada.getByLabel('Heading').nth(1).fill('Summary');
	await ada.getByLabel('Heading').nth(1).press('Enter');
	await expect(ada.getByText('Two sections have the same heading.')).toBeVisible();
	expect((await headings(ada)).slice(0, 2)).toEqual(['Summary', 'Summary']);
});

for (const [name, screen] of Object.entries(screens)) {
	test(`axe finds nothing on the settings of retrospectives and figures, on a ${name}`, async ({
		house,
		browser,
	}) => {
		test.setTimeout(180_000);
		for (const person of ['ada', 'linus'] as const) {
			const page = await house.enter(browser, person, screen);
			for (const path of ['/settings/retro', '/settings/figures']) {
				await page.goto(path);
				expect(await faultsOn(page), path).toEqual([]);
				const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				expect(width, path).toBeLessThanOrEqual(0);
			}
			await page.context().close();
		}
	});
}
