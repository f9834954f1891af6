import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

for (const width of [1440, 390]) {
	test(`neither long addresses nor the buttons of an incident that is over cut anything off, at ${width} px`, async ({
		house,
		browser,
	}) => {
		const file = await readFile('test/fixtures/timelines/gitlab-2017-01-31.json', 'utf8');
		const { number } = (await house.ask(
			'ada',
			'POST /imports/timeline',
			JSON.parse(file) as object,
		)) as { number: number };
		const page = await house.enter(browser, 'ada', { viewport: { width, height: 900 } });
		await RoomPage.open(page, number, '#situation');
		await expect(page.getByRole('button', { name: 'Reopen' })).toBeVisible();
		for (const part of [
			page.getByRole('heading', { level: 1 }),
			page.getByRole('banner').or(page.locator('header')).first(),
			page.getByRole('region', { name: 'Situation' }),
		]) {
			expect(await cutOff(part)).toBe(0);
		}
		await page.context().close();
	});
}

/** How many pixels of a part lie outside of its box, to the right. */
function cutOff(part: Locator): Promise<number> {
	return part.evaluate((element) => element.scrollWidth - element.clientWidth);
}
