import type { Page } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import type { House } from '../support/house.ts';
import { RoomPage } from '../support/roomPage.ts';

/** An incident with more lines than a screen shows. */
async function longIncident(house: House): Promise<number> {
	const number = await house.declare();
	await house.logLines(number, 50);
	return number;
}

/** Somebody else changes a bit of everything, over the API and by typing. */
async function changeEverything(house: House, room: RoomPage, number: number): Promise<void> {
	const command = (body: object) => house.ask('grace', `POST /incidents/${number}/commands`, body);
	await room.log('a line of theirs');
	await room.log('-30m something from before');
	await room.impact.pressSequentially('18 % fail');
	await room.addTask('their task');
	await command({ type: 'setSeverity', severity: 'SEV1' });
	await command({ type: 'setStatus', status: 'identified' });
	await command({ type: 'takeRole', role: 'comms' });
	await room.line('a line of theirs').getByRole('button', { name: 'Key entry' }).click();
}

test('what others do moves neither my focus, nor my caret, nor what I read', async ({
	house,
	ada,
	grace,
}) => {
	const number = await longIncident(house);
	const [left, right] = await RoomPage.openBoth([ada, grace], number);
	await left.line(/line 20\b/).scrollIntoViewIfNeeded();
	await left.composer.fill('half a line');
	await left.composer.press('Home');
	const before = await left.line(/line 20\b/).boundingBox();

	await changeEverything(house, right, number);
	await expect(ada.getByRole('list', { name: 'Roles' }).first()).toContainText('grace');
	await expect(left.impact).toHaveValue('18 % fail');
	await expect(ada.getByRole('button', { name: /new ↓/ })).toBeVisible();

	await expect(left.composer).toBeFocused();
	const caret = await left.composer.evaluate((area: HTMLTextAreaElement) => area.selectionStart);
	expect(caret).toBe(0);
	expect(await left.line(/line 20\b/).boundingBox()).toEqual(before);
});

test('a line from before, written above what I read, does not move it', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await longIncident(house));
	await left.line(/line 40\b/).scrollIntoViewIfNeeded();
	await left.line(/line 40\b/).focus();
	const before = await left.line(/line 40\b/).boundingBox();
	for (let i = 1; i <= 5; i++) await right.log(`-30m from before ${i}`);
	await expect(left.line('from before 5')).toHaveCount(1);
	await expect(left.line(/line 40\b/)).toBeFocused();
	expect(await left.line(/line 40\b/).boundingBox()).toEqual(before);
});

test('N leads to the first line that came while I read elsewhere', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await longIncident(house));
	await left.line(/line 3\b/).scrollIntoViewIfNeeded();
	await right.log('the first new line');
	await right.log('the second new line');
	await expect(ada.getByRole('button', { name: '2 new ↓' })).toBeVisible();
	await ada.keyboard.press('Escape');
	await ada.keyboard.press('n');
	await expect(left.line('the first new line')).toBeFocused();
	await expect(left.line('the first new line')).toBeInViewport();
});

test('whoever reads the newest lines keeps seeing the newest', async ({ house, ada, grace }) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await longIncident(house));
	for (let i = 1; i <= 5; i++) await right.log(`news ${i}`);
	await expect(left.line('news 5')).toBeInViewport();
});

test('nothing on my screen shifts through what others do', async ({ house, browser, grace }) => {
	const number = await longIncident(house);
	const page = await house.enter(browser, 'ada');
	await page.addInitScript(watchShifts);
	const left = await RoomPage.open(page, number);
	await left.line(/line 20\b/).scrollIntoViewIfNeeded();
	const right = await RoomPage.open(grace, number);
	await expect(page.getByRole('button', { name: '2 people here. Show who.' })).toBeVisible();
	await shiftsOf(page);

	await changeEverything(house, right, number);
	await expect(page.getByRole('list', { name: 'Roles' }).first()).toContainText('grace');
	await expect(left.tasks).toContainText('their task');
	expect(await shiftsOf(page)).toEqual([]);
	await page.context().close();
});

function watchShifts(): void {
	const kept: string[] = [];
	Object.assign(window, { shifts: kept });
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries() as (PerformanceEntry & Shift)[]) {
			const nodes = entry.sources.map(({ node }) => node?.textContent?.trim().slice(0, 60));
			kept.push(`${entry.value.toFixed(4)}: ${nodes.join(' | ')}`);
		}
	}).observe({ type: 'layout-shift', buffered: true });
}

interface Shift {
	readonly value: number;
	readonly sources: readonly { readonly node: Node | null }[];
}

/** The layout shifts since they were asked for last. */
async function shiftsOf(page: Page): Promise<string[]> {
	return page.evaluate(async () => {
		await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
		return (window as unknown as { shifts: string[] }).shifts.splice(0);
	});
}
