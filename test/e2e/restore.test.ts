import type { Page } from '@playwright/test';
import type { DocumentId } from '#core/ids.ts';
import { openDatabase } from '#server/storage/database.ts';
import { expect, test } from '../support/e2e.ts';
import { templateOfRun } from '../support/e2eTemplate.ts';
import { House } from '../support/house.ts';
import { brokenUpdate, poison } from '../support/poison.ts';
import { RoomPage } from '../support/roomPage.ts';
import { cloneOf } from '../support/template.ts';

const words =
	'Checkout fails for customers of the eastern region since the release of last night. ';

test('somebody deletes the notes, everybody is told, and whoever may edit brings them back', async ({
	house,
	ada,
	grace,
	linus,
}) => {
	const number = await house.declare();
	const left = await RoomPage.open(ada, number, '#notes');
	const right = await RoomPage.open(grace, number, '#notes');
	const watcher = await RoomPage.open(linus, number);
	await right.notes.click();
	await grace.keyboard.insertText(words.repeat(6));
	await expect(left.notes).toContainText('since the release');
	await expect(right.saved).toHaveText('● Saved');

	await grace.keyboard.press('Control+A');
	await grace.keyboard.press('Delete');
	await expect(left.words(/^grace deleted all of the notes at \d\d:\d\d\.$/)).toBeVisible();
	await expect(right.words(/^You deleted all of the notes at/)).toBeVisible();
	await expect(watcher.words(/^grace deleted all of the notes at/)).toBeVisible();
	await expect(linus.getByRole('button', { name: 'Restore' })).toHaveCount(0);
	await expect(left.notes).not.toContainText('since the release');

	const pressed = Date.now();
	await ada.getByRole('button', { name: 'Restore' }).click();
	await expect(right.notes).toContainText('since the release');
	expect(Date.now() - pressed).toBeLessThan(3_000);
	await expect(right.notes).toHaveText(words.repeat(6));
	await expect(ada.getByRole('button', { name: 'Restore' })).toHaveCount(0);
	await expect(left.line(/^.*ada restored the notes as of/)).toBeVisible();
});

test('an incident that cannot be opened whole is shown with a banner, until an admin restores it', async ({
	browser,
}) => {
	const databaseUrl = await cloneOf(templateOfRun());
	await using house = await House.open({ databaseUrl });
	await using db = openDatabase({ url: databaseUrl });
	const number = await house.declare();
	const [ada, grace] = [await house.enter(browser, 'ada'), await house.enter(browser, 'grace')];
	const left = await RoomPage.open(ada, number);
	await left.log('pool at 60/60');
	await expect(left.saved).toHaveText('● Saved');
	const { id } = (await house.ask('ada', `GET /incidents/${number}`)) as { id: DocumentId };
	await house.muster.stop();
	await poison(db.sql, id, brokenUpdate());
	await house.muster.start();

	const right = await RoomPage.open(grace, number);
	const banner = (page: Page) => page.getByRole('region', { name: 'Why nothing can be edited' });
	await expect(banner(grace)).toContainText(
		'This incident could not be opened whole. You see it as of',
	);
	await expect(banner(grace)).toContainText('cannot be edited until an admin restores it.');
	await expect(right.line('pool at 60/60')).toBeVisible();
	await expect(right.saved).toHaveText('Read-only');
	await expect(right.composer).toHaveCount(0);
	await expect(banner(ada)).toContainText('until you restore it so.');
	await ada.getByRole('button', { name: 'Restore it so' }).click();
	await expect(banner(ada)).toHaveCount(0);
	await expect(banner(grace)).toHaveCount(0);
	await right.log('on we go');
	await expect(left.line('on we go')).toBeVisible();
	await expect(left.line('pool at 60/60')).toBeVisible();
	await expect(left.line('ada opened this incident again as of')).toBeVisible();
});
