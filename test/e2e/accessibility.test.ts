import AxeBuilder from '@axe-core/playwright';
import type { BrowserContextOptions, Page } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { templateOfRun } from '../support/e2eTemplate.ts';
import { firstRunLink, type House, type Name } from '../support/house.ts';
import { RoomPage } from '../support/roomPage.ts';
import { startMuster } from '../support/server.ts';
import { cloneOf } from '../support/template.ts';

const looks: readonly (BrowserContextOptions & { readonly name: string })[] = (
	['light', 'dark'] as const
).flatMap((colorScheme) => [
	{ name: `${colorScheme}, 1440 px`, colorScheme, viewport: { width: 1440, height: 900 } },
	{ name: `${colorScheme}, 390 px`, colorScheme, viewport: { width: 390, height: 844 } },
]);

/** What axe finds on a page, in words: WCAG 2.0 to 2.2 at A and AA, and best practice. */
async function faultsOn(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
		.analyze();
	return violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ target }) => `${id} (${help}): ${target.join(' ')}`),
	);
}

/** An incident with a bit of everything in it. */
async function furnish(house: House): Promise<number> {
	const number = await house.declare('checkout is down', { severity: 'SEV2' });
	const ask = (path: string, body: object) =>
		house.ask('ada', `POST /incidents/${number}/${path}`, body);
	await ask('entries', { text: 'Pool at 60/60 on all pods', kind: 'finding' });
	await ask('entries', { text: 'Roll back', kind: 'decision', starred: true });
	await ask('entries', { text: 'Replica lag', kind: 'ruledOut', actors: 'SH' });
	await ask('commands', { type: 'link', url: 'https://example.com/d', title: 'Dashboard' });
	await ask('commands', { type: 'setStatus', status: 'identified' });
	return number;
}

const rooms: readonly (readonly [string, Name, string])[] = [
	['the timeline', 'ada', ''],
	['the situation', 'ada', '#situation'],
	['the tasks', 'ada', '#tasks'],
	['the notes', 'ada', '#notes'],
	['what a viewer sees', 'linus', ''],
	['the notes of a viewer', 'linus', '#notes'],
];

for (const { name, ...look } of looks) {
	test(`axe finds nothing in a room (${name})`, async ({ house, browser }) => {
		test.setTimeout(120_000);
		const number = await furnish(house);
		for (const [part, who, hash] of rooms) {
			const page = await house.enter(browser, who, look);
			const room = await RoomPage.open(page, number, hash);
			if (part === 'the tasks') await room.page.getByPlaceholder('New task').fill('Call grace');
			if (part === 'the notes') await expect(room.notes).toBeVisible();
			expect(await faultsOn(page), part).toEqual([]);
			await page.context().close();
		}
	});

	test(`axe finds nothing in a closed room, and in dialogs (${name})`, async ({
		house,
		browser,
	}) => {
		const number = await furnish(house);
		const page = await house.enter(browser, 'ada', look);
		await RoomPage.open(page, number);
		await page.getByRole('button', { name: /SEV2/ }).click();
		await expect(page.getByRole('dialog')).toBeVisible();
		expect(await faultsOn(page), 'severity').toEqual([]);
		await page.keyboard.press('Escape');
		const command = (body: object) => house.ask('ada', `POST /incidents/${number}/commands`, body);
		await command({ type: 'setStatus', status: 'resolved' });
		await command({ type: 'close' });
		await expect(page.locator('[data-saved="readOnly"]')).toBeVisible();
		expect(await faultsOn(page), 'closed').toEqual([]);
		await page.context().close();
	});

	test(`axe finds nothing on the board, the settings and the doors (${name})`, async ({
		house,
		browser,
	}) => {
		test.setTimeout(120_000);
		await furnish(house);
		const page = await house.enter(browser, 'ada', look);
		const paths = ['/', '/?state=all', '/incidents/new', '/settings/people', '/settings/tokens'];
		for (const path of [...paths, '/nowhere', '/i/999999']) {
			await page.goto(path);
			expect(await faultsOn(page), path).toEqual([]);
		}
		await page.goto('/');
		await page.getByRole('main').getByRole('link', { name: 'Declare' }).click();
		await expect(page.getByRole('dialog')).toBeVisible();
		expect(await faultsOn(page), 'the declare dialog').toEqual([]);
		const stranger = await house.enter(browser, null, look);
		const invitation = (await house.invite('grace')).replace('/invitations/', '/invite/');
		for (const path of ['/login', invitation]) {
			await stranger.goto(path);
			expect(await faultsOn(stranger), path).toEqual([]);
		}
		await stranger.context().close();
		await page.context().close();
	});
}

test('axe finds nothing before there is an admin', async ({ browser }) => {
	await using muster = await startMuster({ databaseUrl: await cloneOf(templateOfRun()) });
	for (const { name, ...look } of looks) {
		const context = await browser.newContext(look);
		const page = await context.newPage();
		for (const url of [muster.url, await firstRunLink(muster)]) {
			await page.goto(url);
			expect(await faultsOn(page), name).toEqual([]);
		}
		await context.close();
	}
});
