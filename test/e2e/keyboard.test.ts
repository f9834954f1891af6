import type { Page } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { openBoard, RoomPage } from '../support/roomPage.ts';

// Nothing here touches a pointer: only keys are pressed.

async function press(page: Page, ...keys: string[]): Promise<void> {
	for (const key of keys) await page.keyboard.press(key);
}

test('declare: C, a title, Enter', async ({ ada }) => {
	await openBoard(ada);
	await press(ada, 'c');
	await ada.keyboard.type('checkout is down');
	await press(ada, 'Enter');
	await expect(ada.getByRole('heading', { level: 1 })).toContainText('checkout is down');
});

test('log: the composer has the caret, and Enter is the one key beyond the text', async ({
	house,
	ada,
}) => {
	const room = await RoomPage.open(ada, await house.declare());
	await expect(room.composer).toBeFocused();
	await ada.keyboard.type('pool is at 60/60');
	await press(ada, 'Enter');
	await expect(room.line('pool is at 60/60')).toBeVisible();
	await expect(room.composer).toBeFocused();
	await expect(room.composer).toHaveValue('');

	await press(ada, 'Escape');
	await expect(room.composer).not.toBeFocused();
	await press(ada, 'l');
	await expect(room.composer).toBeFocused();
});

test('take a role: R C Enter', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await press(ada, 'Escape', 'r', 'c');
	await expect(ada.getByRole('dialog', { name: 'Who is Comms?' })).toBeVisible();
	await press(ada, 'Enter');
	await expect(room.line('ada takes Comms')).toBeVisible();
});

test('give a role: R O, the beginning of a name, Enter', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await press(ada, 'Escape', 'r', 'o');
	await expect(ada.getByRole('dialog', { name: 'Who is Ops lead?' })).toBeVisible();
	await ada.keyboard.type('gra');
	await press(ada, 'Enter');
	await expect(room.line('ada assigns Ops lead to grace')).toBeVisible();
});

test('set the severity: S 1', async ({ house, ada }) => {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const room = await RoomPage.open(ada, number);
	await press(ada, 'Escape', 's');
	await expect(ada.getByRole('dialog', { name: 'How bad is it?' })).toBeVisible();
	await press(ada, '1');
	await expect(room.line('Severity SEV3 → SEV1 by ada')).toBeVisible();
});

test('add a task and finish it: T, the title, Enter, twice Tab, Space', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await press(ada, 'Escape', 't');
	await ada.keyboard.type('freeze deploys @ada 15m');
	await press(ada, 'Enter');
	await expect(room.tasks).toContainText('freeze deploys');
	const box = room.tasks.getByRole('checkbox', { name: 'freeze deploys' });
	await press(ada, 'Tab', 'Tab');
	await expect(box).toBeFocused();
	await press(ada, 'Space');
	await expect(box).toBeChecked();
});

test('edit an entry and its time: K to it, E and B', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.log('rollback startd');
	await press(ada, 'Escape', 'k');
	await expect(room.line('rollback startd')).toBeFocused();
	await press(ada, 'e');
	await expect(ada.getByLabel('Edit the entry')).toBeFocused();
	await press(ada, 'End', 'ArrowLeft', 'e', 'Escape');
	await expect(room.line('rollback started')).toBeFocused();
	await press(ada, 'b');
	await expect(ada.getByLabel('When it began (UTC)')).toBeFocused();
	await ada.keyboard.type('02022020');
	await press(ada, 'Enter');
	await expect(room.line('rollback started').locator('time').first()).toHaveAttribute(
		'datetime',
		/^2020-02-02T/,
	);
	await expect(room.line('rollback started')).toBeFocused();
});

test('strike an entry: . and the arrows to it', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.log('not for this room');
	await press(ada, 'Escape', 'k', '.');
	await expect(ada.getByRole('menuitem').first()).toBeFocused();
	await press(ada, 'ArrowUp', 'Enter');
	await expect(room.line('not for this room')).toContainText('struck');
});

test('single keys do nothing while somebody types, and can be switched off', async ({
	house,
	ada,
}) => {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const room = await RoomPage.open(ada, number);
	await ada.keyboard.type('s1 is down');
	await expect(ada.getByRole('dialog')).toHaveCount(0);
	await expect(room.composer).toHaveValue('s1 is down');
	await ada.evaluate(() => localStorage.setItem('singleKeys', 'off'));
	await press(ada, 'Escape', 'Escape', 's');
	await expect(ada.getByRole('dialog')).toHaveCount(0);
});

for (const width of [1440, 390]) {
	test(`whatever Tab reaches in a room can be seen, at ${width} px`, async ({ house, browser }) => {
		const number = await house.declare();
		await house.logLines(number, 30);
		const page = await house.enter(browser, 'ada', { viewport: { width, height: 700 } });
		await RoomPage.open(page, number);
		await page.getByRole('link', { name: 'Skip to content' }).focus();
		const hidden: string[] = [];
		let reached = 0;
		for (; reached < 120; reached++) {
			await press(page, 'Tab');
			const found = await page.evaluate(hiddenFocus);
			if (found === null) break;
			if (found !== '') hidden.push(found);
		}
		expect(reached).toBeGreaterThan(15);
		expect(hidden).toEqual([]);
		await page.context().close();
	});
}

/** What has the focus and cannot be seen, in words; nothing if it can be seen, null at the end of the page. */
function hiddenFocus(): string | null {
	const focused = document.activeElement;
	if (focused === null || focused === document.body) return null;
	const words = `${focused.tagName} ${focused.getAttribute('aria-label') ?? focused.textContent}`;
	const { left, right, top, bottom } = focused.getBoundingClientRect();
	const places = [
		[(left + right) / 2, (top + bottom) / 2],
		[left + 2, top + 2],
		[right - 2, bottom - 2],
	] as const;
	const isSeen = places.some(([x, y]) => {
		const there = document.elementFromPoint(x, y);
		return there !== null && (focused.contains(there) || there.contains(focused));
	});
	return isSeen ? '' : words.trim();
}
