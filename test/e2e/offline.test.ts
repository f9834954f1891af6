import type { Page, WebSocketRoute } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

test('offline is said in words, and what both wrote meanwhile is there afterwards, once', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await left.impact.fill('checkout fails');
	await expect(right.impact).toHaveValue('checkout fails');

	await ada.context().setOffline(true);
	await left.log('written without a network');
	await left.impact.press('End');
	await left.impact.pressSequentially(' in us-east');
	await expect(left.saved).toHaveText('▲ Offline');
	const bar = ada.getByRole('region', { name: 'Not saved' });
	await expect(bar).toContainText(/Offline since \d\d:\d\d — keep working, \d+ changes kept here/);
	await expect(left.line('written without a network')).toContainText('not on the server yet');
	await right.log('written meanwhile');
	await right.impact.press('Home');
	await right.impact.pressSequentially('EU: ');
	await expect(right.line('written without a network')).toHaveCount(0);

	await ada.context().setOffline(false);
	for (const room of [left, right]) {
		await room.isLive();
		await expect(room.line('written without a network')).toHaveCount(1);
		await expect(room.line('written meanwhile')).toHaveCount(1);
		await expect(room.impact).toHaveValue('EU: checkout fails in us-east');
	}
	await expect(bar).toHaveCount(0);
	await expect(left.line('written without a network')).not.toContainText('not on the server yet');
});

test('a page that is closed while the line is cut has lost nothing: its text is there again, once', async ({
	house,
	ada,
	grace,
}) => {
	const number = await house.declare();
	const line = await lineOf(ada);
	const [left, right] = await RoomPage.openBoth([ada, grace], number);
	const notes = await left.openNotes();
	await line.cut();
	await left.log('only on this device');
	await notes.pressSequentially('roll back');
	await ada.close();

	const room = await RoomPage.open(await ada.context().newPage(), number, '#notes');
	await expect(room.notes).toHaveText('roll back');
	for (const one of [room, right]) await expect(one.line('only on this device')).toHaveCount(1);
});

test('a reload while the line is cut shows what I wrote, and it arrives once', async ({
	house,
	ada,
	grace,
}) => {
	const line = await lineOf(ada);
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	const impact = left.impact;
	await line.cut();
	await left.log('only on this device');
	await impact.pressSequentially('checkout fails');
	await expect(left.line('only on this device')).toContainText('not on the server yet');

	await ada.reload();
	await expect(left.line('only on this device')).toHaveCount(1);
	await expect(impact).toHaveValue('checkout fails');
	await expect(left.saved).toHaveText(/Not saved|Offline/);
	await expect(right.line('only on this device')).toHaveCount(0);

	line.mend();
	await ada.getByRole('button', { name: 'Retry' }).click();
	await left.isLive();
	for (const room of [left, right]) {
		await expect(room.line('only on this device')).toHaveCount(1);
		await expect(room.impact).toHaveValue('checkout fails');
	}
});

test('half a line in the composer survives a reload', async ({ house, ada }) => {
	const room = await RoomPage.open(ada, await house.declare());
	await room.composer.pressSequentially('the pool is at');
	await ada.reload();
	await room.isLive();
	await expect(room.composer).toHaveValue('the pool is at');
});

/** The line of a page's live documents, which can be cut while all else goes on. */
async function lineOf(page: Page): Promise<{ cut: () => Promise<void>; mend: () => void }> {
	let isCut = false;
	const open = new Set<WebSocketRoute>();
	await page.routeWebSocket(/\/sync\//, (near) => {
		if (isCut) return void near.close();
		near.connectToServer();
		open.add(near);
	});
	return {
		async cut() {
			isCut = true;
			for (const near of open) await near.close();
		},
		mend: () => (isCut = false),
	};
}
