import type { Page } from '@playwright/test';
import { faultsOn, screens } from '../support/axe.ts';
import { expect, test } from '../support/e2e.ts';
import type { House } from '../support/house.ts';
import { beginRetro, publishRetro, resolvedIncident, RetroPage } from '../support/retroPage.ts';

/** Begins a retrospective in which something is written, named, and written further. */
async function namedDraft(house: House, ada: Page): Promise<number> {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const retro = await RetroPage.open(ada, number);
	await write(retro, 'The rollback was one command.');
	await house.ask('ada', `POST /incidents/${number}/retro/commands`, {
		...{ type: 'nameVersion', name: 'before the meeting' },
	});
	await house.ask('ada', `POST /incidents/${number}/entries`, {
		...{ text: 'logged after the naming', kind: 'finding', starred: true },
	});
	await write(retro, 'Second thoughts. ');
	return number;
}

async function write(retro: RetroPage, words: string): Promise<void> {
	await retro.goBelow('What helped');
	await retro.page.keyboard.type(words);
	await expect(retro.editor).toContainText(words.trim());
	await retro.isLive();
}

test('a named draft is read as it stood when it was named, with what was written since, without scripts too', async ({
	house,
	ada,
	browser,
}) => {
	const number = await namedDraft(house, ada);
	const page = await house.enter(browser, 'linus', { javaScriptEnabled: false });
	await page.goto(`/i/${number}/retro`);
	await page.getByRole('link', { name: 'History' }).click();
	await expect(page.getByRole('button', { name: 'Name it' })).toHaveCount(0);
	await page.getByRole('link', { name: 'before the meeting' }).click();

	const { text } = new RetroPage(page);
	await expect(text).toContainText('The rollback was one command.');
	await expect(text).toContainText('key line 1');
	await expect(text).not.toContainText('Second thoughts');
	await expect(text).not.toContainText('logged after the naming');
	await expect(page.getByText(/^The draft as it was on .* when ada named it/)).toBeVisible();
	const since = page.getByRole('region', { name: 'Written since' });
	await expect(since.getByRole('listitem')).toHaveText(/^What helped.*Second thoughts\./);

	await page.getByRole('link', { name: 'Show the retrospective as it is now' }).click();
	await expect(text).toContainText('Second thoughts');
	await page.context().close();
});

test('somebody names the draft without scripts, and reads why a name is refused', async ({
	house,
	browser,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const page = await house.enter(browser, 'grace', { javaScriptEnabled: false });
	await page.goto(`/i/${number}/retro/history`);
	const field = page.getByLabel('Name the draft as it stands now');
	await field.fill(' ');
	await page.getByRole('button', { name: 'Name it' }).click();
	await expect(field).toHaveAttribute('aria-invalid', 'true');
	await field.fill('before the meeting');
	await page.getByRole('button', { name: 'Name it' }).click();
	await page.getByRole('link', { name: 'before the meeting' }).click();
	await expect(page.getByText('Nothing: it still reads the same.')).toBeVisible();
	await page.context().close();
});

test('the history shows what was written from one version to the next, with the keyboard alone', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	await publishRetro(house, number);
	await house.ask('ada', `POST /incidents/${number}/retro/commands`, { type: 'revise' });
	await write(await RetroPage.open(ada, number), 'It was a quiet night.');
	await publishRetro(house, number);
	await ada.goto(`/i/${number}/retro`);
	const heading = ada.getByRole('heading', { level: 1 });
	for (const [name, leadsTo] of [
		['History', 'History'],
		['What was written since version 1', 'Version 2'],
	] as const) {
		await ada.getByRole('link', { name }).press('Enter');
		await expect(heading).toContainText(leadsTo);
		await expect(heading).toBeFocused();
	}
	await expect(ada.getByRole('listitem').filter({ hasText: 'What helped' })).toContainText(
		'It was a quiet night.',
	);
	await ada.getByRole('link', { name: 'Read version 1' }).click();
	await expect(new RetroPage(ada).text).toContainText('key line 1');
	await expect(new RetroPage(ada).text).not.toContainText('It was a quiet night.');
});

test('a draft or a version that is not there is no page', async ({ house, ada }) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	for (const query of ['at=nothing', 'version=7']) {
		const response = await ada.goto(`/i/${number}/retro/history?${query}`);
		expect(response?.status(), query).toBe(404);
	}
});

for (const [name, screen] of Object.entries(screens)) {
	test(`axe finds nothing in the history of a retrospective, on a ${name}`, async ({
		house,
		ada,
		browser,
	}) => {
		test.slow();
		const number = await namedDraft(house, ada);
		await publishRetro(house, number);
		await house.ask('ada', `POST /incidents/${number}/retro/commands`, { type: 'revise' });
		await publishRetro(house, number);
		const page = await house.enter(browser, 'ada', screen);
		await page.goto(`/i/${number}/retro/history`);
		expect(await faultsOn(page)).toEqual([]);
		await page.getByRole('link', { name: 'before the meeting' }).click();
		await expect(page.getByRole('region', { name: 'Written since' })).toBeVisible();
		expect(await faultsOn(page), 'a draft').toEqual([]);
		await page.goto(`/i/${number}/retro/history?version=2`);
		await expect(page.getByRole('heading', { level: 1 })).toContainText('Version 2');
		expect(await faultsOn(page), 'two versions').toEqual([]);
		await page.context().close();
	});
}
