import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page, WebSocket } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { accountOf, signIn, type House } from '../support/house.ts';
import { RoomPage } from '../support/roomPage.ts';

test('whoever is signed out in another tab reads it, and keeps the unsaved changes as a file', async ({
	house,
	browser,
}) => {
	const number = await house.declare();
	const page = await enterAlone(house, browser);
	const room = await RoomPage.open(page, number);
	await page.context().setOffline(true);
	await room.log('nobody else has this');
	await expect(room.saved).toHaveText('▲ Offline');
	await signOut(house, page);
	await page.context().setOffline(false);

	const bar = page.getByRole('region', { name: 'Why nothing is saved' });
	await expect(bar).toContainText('You are signed out. Sign in again to go on.');
	await expect(room.saved).toHaveText('✕ Not saved');
	await expect(room.composer).toHaveCount(0);
	const started = page.waitForEvent('download');
	await bar.getByRole('button', { name: 'Download 1 change' }).click();
	const download = await started;
	expect(download.suggestedFilename()).toMatch(/^INC-\d+-unsaved-.*\.json$/);
	const file = JSON.parse(await readFile(await download.path(), 'utf8')) as {
		entriesNotLogged: { text: string }[];
	};
	expect(file.entriesNotLogged.map(({ text }) => text)).toEqual(['nobody else has this']);

	await bar.getByRole('link', { name: 'Sign in' }).click();
	await signIn(page, accountOf('grace').email);
	await room.isLive();
	await expect(room.composer).toBeVisible();
	await page.context().close();
});

test('whoever may no longer write reads why, keeps a file, and opens the room afresh to read', async ({
	house,
	grace,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(grace, number);
	await grace.context().setOffline(true);
	await room.log('too late');
	await expect(room.saved).toHaveText('▲ Offline');
	await house.setAccess('grace', 'viewer');
	await grace.context().setOffline(false);

	const bar = grace.getByRole('region', { name: 'Why nothing is saved' });
	await expect(bar).toContainText(/you/i);
	await expect(bar.getByRole('button', { name: 'Download 1 change' })).toBeVisible();
	const lines = linesOf(grace);
	const afresh = bar.getByRole('button', { name: 'Open it afresh' });
	await afresh.evaluate((button: HTMLElement) => [1, 2].forEach(() => button.click()));
	await expect(room.saved).toHaveText('Read-only');
	await house.ask('ada', `POST /incidents/${number}/entries`, { text: 'read on' });
	await expect(room.line('read on')).toBeVisible();
	expect(lines.size, 'connections after two clicks').toBe(1);
	await expect(room.line('too late')).toHaveCount(0);
	await expect(room.composer).toHaveCount(0);
	await house.setAccess('grace', 'responder');
});

test('whoever wrote offline while the incident was closed keeps a file, and saves it by reopening', async ({
	house,
	grace,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(grace, number);
	const bar = await comeBackTooLate({ house, room, number });
	await expect(room.words('Nothing can be written here until')).toBeVisible();
	const started = grace.waitForEvent('download');
	await bar.getByRole('button', { name: 'Download 1 change' }).click();
	expect((await started).suggestedFilename()).toMatch(/^INC-\d+-unsaved-.*\.json$/);
	await bar.getByRole('button', { name: 'Reopen it and save 1 change' }).click();
	await expect(bar).toHaveCount(0);
	await room.isLive();
	await expect(room.line('written offline')).toContainText('on the server');
	await expect(room.line('Reopened by grace')).toBeVisible();
	const { timeline } = (await house.ask('ada', `GET /incidents/${number}`)) as {
		timeline: { text: string }[];
	};
	expect(timeline.map(({ text }) => text)).toContain('written offline');
	await room.log('and on');
	await expect(room.line('and on')).toContainText('on the server');
});

test('what was written offline while the incident was closed may be let go of, and it stays closed', async ({
	house,
	grace,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(grace, number);
	const bar = await comeBackTooLate({ house, room, number });
	await bar.getByRole('button', { name: 'Open it afresh' }).click();
	await expect(room.saved).toHaveText('Read-only');
	await expect(room.line('written offline')).toHaveCount(0);
	await expect(room.words('This incident is closed and takes no more entries.')).toBeVisible();
});

test('what was written offline is saved without a word if somebody else has reopened the incident', async ({
	house,
	grace,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(grace, number);
	const bar = await comeBackTooLate({ house, room, number });
	await house.ask('ada', `POST /incidents/${number}/commands`, { type: 'reopen' });
	await bar.getByRole('button', { name: 'Reopen it and save 1 change' }).click();
	await expect(room.line('written offline')).toContainText('on the server');
	await expect(room.line(/^.*Reopened by/)).toHaveCount(1);
});

/** grace logs something offline, and comes back after the incident was closed; gives what tells her so. */
async function comeBackTooLate({
	house,
	room,
	number,
}: {
	house: House;
	room: RoomPage;
	number: number;
}): Promise<Locator> {
	await room.page.context().setOffline(true);
	await room.log('written offline');
	await expect(room.saved).toHaveText('▲ Offline');
	await house.ask('ada', `POST /incidents/${number}/commands`, {
		type: 'setStatus',
		status: 'resolved',
	});
	await house.ask('ada', `POST /incidents/${number}/commands`, { type: 'close' });
	await room.page.context().setOffline(false);
	const bar = room.page.getByRole('region', { name: 'Why nothing is saved' });
	await expect(bar).toContainText('This incident is closed. Reopen it to change it.');
	await expect(bar).toContainText('The server does not have 1 change of yours.');
	await expect(room.saved).toHaveText('✕ Not saved');
	return bar;
}

test('a room follows while somebody’s access is taken away and given again', async ({
	house,
	grace,
}) => {
	const number = await house.declare();
	const room = await RoomPage.open(grace, number);
	await house.setAccess('grace', 'viewer');
	await expect(room.saved).toHaveText('Read-only');
	await expect(room.words('You are watching.')).toBeVisible();
	await house.setAccess('grace', 'responder');
	await expect(room.composer).toBeVisible();
	await room.log('back again');
	await expect(room.line('back again')).toContainText('on the server');
});

test('a page that the server does not understand any more says so, and loses nothing by being loaded again', async ({
	house,
	browser,
}) => {
	const number = await house.declare();
	const page = await enterAlone(house, browser);
	await page.addInitScript(speakAnotherVersion);
	await page.goto(`/i/${number}`);
	const room = new RoomPage(page);
	const bar = page.getByRole('region', { name: 'Muster was updated' });
	await expect(bar).toContainText('Muster was updated. Load this page again.');
	await room.log('written on the old page');
	await expect(bar).toContainText('1 change kept on this device');
	await expect(room.saved).toHaveText('▲ Not saved');
	await page.goto('/');
	await expect(page.getByText('Muster was updated. Load this page again.')).toBeVisible();
	await page.goBack();
	await page.evaluate(() => sessionStorage.setItem('isNew', 'yes'));
	await bar.getByRole('button', { name: 'Load it again' }).click();
	await room.isLive();
	await expect(room.line('written on the old page')).toContainText('on the server');
	await page.goto('/');
	await expect(page.getByText('Muster was updated')).toHaveCount(0);
	await page.context().close();
});

/** Makes a page's connections those of another release, until it is told that it is the new one. */
function speakAnotherVersion(): void {
	if (sessionStorage.getItem('isNew')) return;
	window.WebSocket = class extends WebSocket {
		constructor(url: string | URL, protocols?: string | string[]) {
			super(String(url).replace(/([?&]v)=\d+/, '$1=99'), protocols);
		}
	};
}

/** The connections to a document that a page opens from now on and has still. */
function linesOf(page: Page): ReadonlySet<WebSocket> {
	const open = new Set<WebSocket>();
	page.on('websocket', (socket) => {
		if (!socket.url().includes('/sync/')) return;
		open.add(socket);
		socket.on('close', () => open.delete(socket));
	});
	return open;
}

/** grace in a session of her own, which may end without ending anybody else's. */
async function enterAlone(house: House, browser: Browser): Promise<Page> {
	const page = await house.enter(browser, null);
	const { email, password } = accountOf('grace');
	const origin = { Origin: house.url };
	const answer = await page.request.post('/api/v1/session', {
		data: { email, password },
		headers: origin,
	});
	expect(answer.status()).toBe(200);
	return page;
}

async function signOut(house: House, page: Page): Promise<void> {
	const [cookie] = await page.context().cookies();
	const answer = await fetch(`${house.url}/api/v1/session`, {
		method: 'DELETE',
		headers: { Origin: house.url, Cookie: `${cookie?.name}=${cookie?.value}` },
	});
	expect(answer.status).toBe(204);
}
