import type { Page } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

const secret = 'hunter2-of-production';

/** Everything that a browser keeps of incidents on its device, as letters. */
async function keptIn(page: Page): Promise<string> {
	return page.evaluate(async () => {
		const opening = indexedDB.open('muster');
		const database = await new Promise<IDBDatabase>((resolve, reject) => {
			opening.onsuccess = () => resolve(opening.result);
			opening.onerror = () => reject(new Error('no database'));
		});
		const asked = database.transaction('updates').objectStore('updates').getAll();
		const rows = await new Promise<{ bytes: Uint8Array }[]>((resolve) => {
			asked.onsuccess = () => resolve(asked.result as { bytes: Uint8Array }[]);
		});
		database.close();
		return rows.map(({ bytes }) => new TextDecoder('latin1').decode(bytes)).join('\n');
	});
}

async function remove(page: Page, text: string, reason: string): Promise<void> {
	await page.getByRole('button', { name: 'Remove a text for good' }).click();
	const dialog = page.getByRole('dialog', { name: 'Remove for good' });
	await dialog.getByLabel('The text to remove').fill(text);
	await dialog.getByLabel('Why').fill(reason);
	await dialog.getByRole('button', { name: 'Remove for good' }).click();
	await expect(dialog).toHaveCount(0);
}

test('[K7] an admin removes a secret: it is gone from every screen and device, also from one that was offline', async ({
	house,
	ada,
	grace,
	browser,
}) => {
	const number = await house.declare();
	const left = await RoomPage.open(ada, number);
	const right = await RoomPage.open(grace, number, '#notes');
	await right.notes.click();
	await grace.keyboard.insertText(`the key is ${secret}`);
	await grace.keyboard.press('Control+A');
	await grace.keyboard.press('Delete');
	await grace.keyboard.insertText(`it was ${secret} until now`);
	await right.impact.fill(`everybody reads ${secret}`);
	await expect(left.impact).toHaveValue(`everybody reads ${secret}`);
	await expect(right.saved).toHaveText('● Saved');
	const away = await house.enter(browser, 'grace');
	const far = await RoomPage.open(away, number, '#notes');
	await expect(far.notes).toContainText(secret);
	await expect.poll(() => keptIn(grace)).toContain(secret);
	await expect.poll(() => keptIn(away)).toContain(secret);
	await away.context().setOffline(true);
	await far.impact.press('Control+Home');
	await far.impact.pressSequentially('Written offline: ');
	await expect(far.saved).toHaveText('▲ Offline');

	await remove(ada, secret, 'a key of production');
	await expect(left.line('ada removed a part of')).toContainText('for good: a key of production');
	for (const room of [left, right]) await expect(room.impact).toHaveValue('everybody reads ');
	await expect(right.notes).toHaveText('it was  until now');
	await expect.poll(() => keptIn(grace)).not.toContain(secret);
	expect(await keptIn(grace)).toContain('until now');

	await right.notes.click();
	for (let i = 0; i < 4; i++) await grace.keyboard.press('Control+Z');
	await right.impact.click();
	for (let i = 0; i < 4; i++) await grace.keyboard.press('Control+Z');
	await expect(right.saved).toHaveText('● Saved');
	await expect(left.impact).not.toHaveValue(new RegExp(secret));
	expect(await grace.getByRole('main').textContent()).not.toContain(secret);

	await away.context().setOffline(false);
	await far.isLive();
	await expect(left.impact).toHaveValue('Written offline: everybody reads ');
	await expect(far.impact).toHaveValue('Written offline: everybody reads ');
	await expect(far.notes).not.toContainText(secret);
	await expect.poll(() => keptIn(away)).not.toContain(secret);
	await away.reload();
	await far.isLive();
	await expect(far.impact).toHaveValue('Written offline: everybody reads ');
	expect(await keptIn(away)).not.toContain(secret);
	await away.context().close();
});

test('what an entry says is removed from its menu, by admins alone, and the dialog says what it cannot reach', async ({
	house,
	ada,
	grace,
}) => {
	const number = await house.declare();
	const [left, right] = await RoomPage.openBoth([ada, grace], number);
	await left.log(`rotate ${secret}`);
	await expect(right.line(secret)).toContainText('on the server');
	await right
		.line(secret)
		.getByRole('button', { name: /^More for this/ })
		.click();
	await expect(grace.getByRole('menuitem', { name: 'Strike' })).toBeVisible();
	await expect(grace.getByRole('menuitem', { name: 'Remove for good…' })).toHaveCount(0);
	await expect(grace.getByRole('button', { name: 'Remove a text for good' })).toHaveCount(0);

	await left.choose(left.line(secret), 'Remove for good…');
	const dialog = ada.getByRole('dialog', { name: 'Remove for good' });
	await expect(dialog).toContainText('Not reached: backups');
	await dialog.getByRole('button', { name: 'Remove for good' }).click();
	await expect(dialog).toContainText('Say why, without saying what');
	await dialog.getByLabel('Why').fill('a key');
	await dialog.getByRole('button', { name: 'Remove for good' }).click();
	await expect(dialog).toHaveCount(0);
	await expect(right.line(secret)).toHaveCount(0);
	await expect(right.line('ada removed a part of the entries for good: a key')).toBeVisible();
});

test('[K13] an incident that is held says so quietly, with by whom and why', async ({
	house,
	grace,
}) => {
	const number = await house.declare();
	await RoomPage.open(grace, number);
	await expect(grace.getByRole('region', { name: 'Kept' })).toHaveCount(0);
	await house.ask('ada', `POST /incidents/${number}/hold`, { reason: 'a court asks for it' });
	await grace.reload();
	await expect(grace.getByRole('region', { name: 'Kept' })).toContainText(
		'Kept, however old it is, for ada: a court asks for it',
	);
});

test('[K14] an admin forgets somebody in the settings, who is signed out and has no name any more', async ({
	house,
	ada,
	browser,
}) => {
	const number = await house.declare();
	const linus = await house.enter(browser, 'linus');
	await RoomPage.open(linus, number);
	await ada.goto('/settings/people');
	await ada.getByRole('button', { name: 'Forget linus…' }).click();
	const dialog = ada.getByRole('dialog', { name: 'Forget linus?' });
	await expect(dialog).toContainText('What they wrote stays');
	await dialog.getByRole('button', { name: 'Forget for good' }).click();
	await expect(ada.getByText('linus', { exact: true })).toHaveCount(0);
	await expect(linus.getByRole('main')).toContainText('signed out');
	await linus.goto('/');
	await expect(linus.getByRole('button', { name: 'Sign in' })).toBeVisible();
	await linus.context().close();
});
