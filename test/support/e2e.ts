import { expect, test as base, type Browser, type Page } from '@playwright/test';
import { templateOfRun } from './e2eTemplate.ts';
import { House, type Name } from './house.ts';
import { cloneOf } from './template.ts';

interface Cast {
	/** The Muster of this test file. */
	readonly house: House;
	readonly ada: Page;
	readonly grace: Page;
	readonly linus: Page;
}

interface Run {
	readonly houses: Houses;
}

/** One Muster a test file, with a database of its own: opened for its first test, closed for the next file's. */
class Houses implements AsyncDisposable {
	#file = '';
	#house: House | null = null;

	async of(file: string): Promise<House> {
		if (this.#house && this.#file === file) return this.#house;
		await this[Symbol.asyncDispose]();
		this.#file = file;
		this.#house = await House.open({ databaseUrl: await cloneOf(templateOfRun()) });
		return this.#house;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#house?.[Symbol.asyncDispose]();
		this.#house = null;
	}
}

/** A test with people in it, each in a window of their own; a page that throws fails it. */
export const test = base.extend<Cast, Run>({
	houses: [
		async ({}, use) => {
			await using houses = new Houses();
			await use(houses);
		},
		{ scope: 'worker' },
	],
	house: async ({ houses }, use, { file }) => use(await houses.of(file)),
	ada: ({ house, browser }, use) => visit('ada', { house, browser }, use),
	grace: ({ house, browser }, use) => visit('grace', { house, browser }, use),
	linus: ({ house, browser }, use) => visit('linus', { house, browser }, use),
});

export { expect };

async function visit(
	name: Name,
	{ house, browser }: { house: House; browser: Browser },
	use: (page: Page) => Promise<void>,
): Promise<void> {
	const page = await house.enter(browser, name);
	const faults = faultsOf(page);
	await use(page);
	await page.context().close();
	expect(faults, `what ${name}'s page threw`).toEqual([]);
}

/** What a page throws from now on. */
export function faultsOf(page: Page): string[] {
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
	return faults;
}
