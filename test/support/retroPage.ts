import { expect, type Locator, type Page } from '@playwright/test';
import type { House, Name } from './house.ts';

/** A retrospective as somebody sees it in their window. */
export class RetroPage {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	/** Opens a retrospective that is begun and waits until it is live. */
	static async open(page: Page, number: number, query = ''): Promise<RetroPage> {
		const retro = new RetroPage(page);
		await page.goto(`/i/${number}/retro${query}`);
		await retro.isLive();
		return retro;
	}

	/** Opens it in two windows, with an editor in both. */
	static async openBoth(
		[one, other]: readonly [Page, Page],
		number: number,
	): Promise<[RetroPage, RetroPage]> {
		const both = await Promise.all([RetroPage.open(one, number), RetroPage.open(other, number)]);
		for (const retro of both) await expect(retro.editor).toBeVisible();
		return both;
	}

	/** Waits until everything is on the server, or there is nothing that I could write. */
	async isLive(): Promise<void> {
		await expect(this.saved).toHaveText(/● Saved|Read-only/);
	}

	/** The indicator that says where my changes are. */
	get saved(): Locator {
		return this.page.locator('[data-saved]');
	}

	/** The report for those who may write. */
	get editor(): Locator {
		return this.page.getByRole('textbox', { name: 'Report' });
	}

	/** The report as it is read. */
	get text(): Locator {
		return this.page.getByRole('group', { name: 'Report' });
	}

	get factors(): Locator {
		return this.page.getByRole('list', { name: 'Contributing factors' }).locator('[data-finding]');
	}

	get evidence(): Locator {
		return this.page.getByRole('list', { name: 'Lines of the timeline' });
	}

	get state(): Locator {
		return this.page.getByRole('list', { name: 'State' }).locator('[aria-current]');
	}

	/** Puts the caret at the end of a section’s heading and goes to the line below it. */
	async goBelow(heading: string): Promise<void> {
		await this.editor.getByRole('heading', { name: heading }).click();
		await this.page.keyboard.press('End');
		await this.page.keyboard.press('ArrowDown');
	}

	/** Adds a contributing factor and types it. */
	async addFactor(text: string): Promise<void> {
		await this.page.getByRole('button', { name: '+ Add a factor' }).click();
		await this.page.keyboard.type(text);
	}
}

/** Declares an incident, logs some of what happened and resolves it; gives its number. */
export async function resolvedIncident(house: House, lines = 3): Promise<number> {
	const number = await house.declare('checkout is down', { severity: 'SEV2' });
	for (let i = 1; i <= lines; i++) {
		await house.ask('ada', `POST /incidents/${number}/entries`, {
			// Long enough for some lines, so that a page may end within it.
			text:
				lines < 10
					? `key line ${i}`
					: `key line ${i} ${'and more of it '.repeat(12)}end of line ${i}`,
			kind: 'finding',
			starred: true,
		});
	}
	await house.ask('ada', `POST /incidents/${number}/commands`, {
		type: 'setStatus',
		status: 'resolved',
	});
	return number;
}

/** Begins its retrospective, of which ada is the owner. */
export async function beginRetro(house: House, number: number): Promise<void> {
	await house.ask('ada', `POST /incidents/${number}/retro`, {});
}

/** Names a reviewer, asks for the review, has it approved and publishes it. */
export async function publishRetro(house: House, number: number): Promise<void> {
	const { people } = (await house.ask('ada', 'GET /people')) as {
		people: { id: string; name: Name }[];
	};
	const idOf = (name: Name) => people.find((one) => one.name === name)?.id;
	const send = (name: Name, command: object) =>
		house.ask(name, `POST /incidents/${number}/retro/commands`, command);
	await send('ada', { type: 'setOwner', person: idOf('ada') });
	await send('ada', { type: 'setReviewers', people: [idOf('grace')] });
	await send('ada', { type: 'submit' });
	await send('grace', { type: 'approve' });
	await send('ada', { type: 'publish' });
}
