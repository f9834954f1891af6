import { faultsOn, screens } from '../support/axe.ts';
import { expect, test } from '../support/e2e.ts';
import { templateOfRun } from '../support/e2eTemplate.ts';
import { accountOf, firstRunLink, type House, type Name } from '../support/house.ts';
import { quarter, writeDown } from '../support/pastIncidents.ts';
import { RoomPage } from '../support/roomPage.ts';
import { startMuster } from '../support/server.ts';
import { cloneOf } from '../support/template.ts';

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

const parts: readonly (readonly [Name, readonly string[]])[] = [
	['ada', ['', '#situation', '#tasks', '#notes']],
	['linus', ['', '#notes']],
];

for (const [name, screen] of Object.entries(screens)) {
	test(`axe finds nothing in a room, on a ${name}`, async ({ house, browser }) => {
		test.setTimeout(120_000);
		const number = await furnish(house);
		for (const [who, hashes] of parts) {
			const page = await house.enter(browser, who, screen);
			for (const hash of hashes) {
				const room = await RoomPage.open(page, number, hash);
				if (hash === '#tasks') {
					await room.addTask('Call grace');
					await expect(room.tasks).toContainText('Call grace');
				}
				const notes = who === 'ada' ? room.notes : page.getByRole('group', { name: 'Notes' });
				if (hash === '#notes') await expect(notes).toBeVisible();
				expect(await faultsOn(page), `what ${who} sees of ${hash || 'the room'}`).toEqual([]);
			}
			await page.context().close();
		}
	});

	test(`axe finds nothing in a room’s dialogs, in trouble and once it is closed, on a ${name}`, async ({
		house,
		browser,
	}) => {
		test.setTimeout(120_000);
		const number = await furnish(house);
		const page = await house.enter(browser, 'ada', screen);
		const room = await RoomPage.open(page, number);
		await page.getByRole('heading', { level: 1 }).focus();
		for (const key of ['s', 'p', 'r', '?']) {
			await page.keyboard.press(key);
			await expect(page.getByRole('dialog')).toBeVisible();
			expect(await faultsOn(page), `the dialog of ${key}`).toEqual([]);
			await page.keyboard.press('Escape');
		}
		await page.context().setOffline(true);
		await expect(page.getByRole('region', { name: 'Not saved' })).toBeVisible();
		expect(await faultsOn(page), 'offline').toEqual([]);
		await page.context().setOffline(false);
		await room.isLive();

		const command = (body: object) => house.ask('ada', `POST /incidents/${number}/commands`, body);
		await command({ type: 'setStatus', status: 'resolved' });
		await command({ type: 'close' });
		await expect(page.locator('[data-saved="readOnly"]')).toBeVisible();
		expect(await faultsOn(page), 'closed').toEqual([]);
		await page.context().close();
	});

	test(`axe finds nothing in a replay, on a ${name}`, async ({ house, browser }) => {
		test.setTimeout(120_000);
		const number = await furnish(house);
		const page = await house.enter(browser, 'linus', screen);
		await page.goto(`/i/${number}/replay`);
		await expect(page.getByRole('slider', { name: 'Moment' })).toBeVisible();
		expect(await faultsOn(page), 'the latest moment').toEqual([]);
		await page.keyboard.press('i');
		await page.keyboard.press('Home');
		await page.keyboard.press('a');
		expect(await faultsOn(page), 'the first moment, as it happened').toEqual([]);
		for (const key of ['d', '?']) {
			await page.keyboard.press(key);
			await expect(page.getByRole('dialog')).toBeVisible();
			expect(await faultsOn(page), `the dialog of ${key}`).toEqual([]);
			await page.keyboard.press('Escape');
		}
		await page.context().close();
	});

	test(`axe finds nothing in the insights, on a ${name}`, async ({ house, browser }) => {
		test.setTimeout(240_000);
		await writeDown(house, quarter);
		const page = await house.enter(browser, 'linus', screen);
		const days = 'from=2024-01-01&to=2024-04-01';
		await page.goto(`/insights?${days}`);
		for (const summary of await page.locator('main summary').all()) {
			if ((await summary.textContent()) !== 'Filters, dates and time zone') await summary.click();
		}
		expect(await faultsOn(page), 'with every table open').toEqual([]);
		const lists = ['incidents', 'incidents?measure=ttrResolve&state=invalid&from=2024-01-01'];
		for (const path of ['?from=2024-02-30', ...lists.map((list) => `/${list}`)]) {
			await page.goto(`/insights${path}`);
			expect(await faultsOn(page), path).toEqual([]);
		}
		await page.context().close();
	});

	test(`axe finds nothing on the board, the settings and the doors, on a ${name}`, async ({
		house,
		browser,
	}) => {
		test.setTimeout(120_000);
		await furnish(house);
		const page = await house.enter(browser, 'ada', screen);
		const paths = ['/', '/?state=all', '/incidents/new', '/settings/people', '/settings/tokens'];
		for (const path of [...paths, '/i/1/export', '/nowhere', '/i/999999']) {
			await page.goto(path);
			expect(await faultsOn(page), path).toEqual([]);
		}
		await page.goto('/');
		await page.getByRole('main').getByRole('link', { name: 'Declare' }).click();
		await expect(page.getByRole('dialog')).toBeVisible();
		expect(await faultsOn(page), 'the declare dialog').toEqual([]);
		const stranger = await house.enter(browser, null, screen);
		const invitation = (await house.invite('grace')).replace('/invitations/', '/invite/');
		for (const path of ['/login', invitation]) {
			await stranger.goto(path);
			expect(await faultsOn(stranger), path).toEqual([]);
		}
		await stranger.context().close();
		await page.context().close();
	});
}

test('axe finds nothing before there is an admin, nor where there is no incident', async ({
	browser,
}) => {
	await using muster = await startMuster({ databaseUrl: await cloneOf(templateOfRun()) });
	const link = await firstRunLink(muster);
	const context = await browser.newContext(screens['phone']);
	const page = await context.newPage();
	for (const url of [muster.url, link]) {
		await page.goto(url);
		expect(await faultsOn(page), url).toEqual([]);
	}
	const { name, email, password } = accountOf('ada');
	await page.getByLabel('Your name').fill(name);
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Create my account' }).click();
	await expect(page.getByText('No open incidents. All is quiet.')).toBeVisible();
	expect(await faultsOn(page), 'the empty board').toEqual([]);
	await context.close();
});
