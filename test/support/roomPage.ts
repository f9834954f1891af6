import { expect, type Locator, type Page } from '@playwright/test';

/** A room as somebody sees it in their window. */
export class RoomPage {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	/** Opens a room and waits until it is live. */
	static async open(page: Page, number: number, hash = ''): Promise<RoomPage> {
		const room = new RoomPage(page);
		await page.goto(`/i/${number}${hash}`);
		await room.isLive();
		return room;
	}

	/** Opens a room in two windows and waits until it is live in both. */
	static async openBoth(
		[one, other]: readonly [Page, Page],
		number: number,
	): Promise<[RoomPage, RoomPage]> {
		return Promise.all([RoomPage.open(one, number), RoomPage.open(other, number)]);
	}

	/** Waits until everything is on the server, or there is nothing that I could write. */
	async isLive(): Promise<void> {
		await expect(this.saved).toHaveText(/● Saved|Read-only/);
	}

	/** The indicator that says where my changes are. */
	get saved(): Locator {
		return this.page.locator('[data-saved]');
	}

	get composer(): Locator {
		return this.page.getByRole('textbox', { name: 'Log an entry' });
	}

	get timeline(): Locator {
		return this.page.getByRole('list', { name: 'Timeline entries' });
	}

	get roles(): Locator {
		return this.page.getByRole('main').getByLabel('Roles').first();
	}

	/** The button that shows the severity and changes it. */
	get severity(): Locator {
		return this.page.getByRole('button', { name: 'change the severity' });
	}

	/** The field of the situation, for those who may write. */
	get impact(): Locator {
		return this.page.getByRole('textbox', { name: 'Impact' });
	}

	get notes(): Locator {
		return this.page.getByRole('textbox', { name: 'Notes' });
	}

	get tasks(): Locator {
		return this.page.getByRole('list', { name: 'Tasks' }).getByRole('listitem');
	}

	/** Words that can be seen in the room; what is only read aloud stands elsewhere. */
	words(text: string | RegExp): Locator {
		return this.page.getByRole('main').getByText(text);
	}

	/** A line of the timeline that holds this text. */
	line(text: string | RegExp): Locator {
		return this.timeline.getByRole('listitem').filter({ hasText: text });
	}

	/** Types a line and presses Enter. */
	async log(text: string): Promise<void> {
		await this.composer.fill(text);
		await this.composer.press('Enter');
	}

	/** Types a task and presses Enter. */
	async addTask(title: string): Promise<void> {
		await this.page.getByLabel('New task').fill(title);
		await this.page.getByLabel('New task').press('Enter');
	}

	/** Picks something from the menu of an entry or a task. */
	async choose(row: Locator, choice: string): Promise<void> {
		await row.getByRole('button', { name: /^More for this/ }).click();
		await this.page.getByRole('menuitem', { name: choice }).click();
	}

	/** Opens the notes and waits for their editor. */
	async openNotes(): Promise<Locator> {
		await this.page.getByRole('link', { name: 'Notes' }).click();
		await expect(this.notes).toBeVisible();
		return this.notes;
	}
}

/** Opens the board and waits until it changes by itself. */
export async function openBoard(page: Page, path = '/'): Promise<void> {
	const socket = page.waitForEvent('websocket', (one) => one.url().includes('/socket.io'));
	await page.goto(path);
	await socket;
}
