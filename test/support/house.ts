import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import type { Access } from '#core/response/access.ts';
import { startMuster, type Muster, type MusterOptions } from './server.ts';
import { until } from './until.ts';

export type Name = 'ada' | 'grace' | 'linus';

/** What people of the tests may do, and what they sign in with. */
export const everybody: Readonly<Record<Name, Access>> = {
	ada: 'admin',
	grace: 'responder',
	linus: 'viewer',
};
export const password = 'correct horse battery staple';

/** The account that somebody makes for themselves. */
export function accountOf(name: Name): { name: string; email: string; password: string } {
	return { name, email: `${name}@example.com`, password };
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A Muster with ada, grace and linus, who enter it with browsers of their own. */
export class House implements AsyncDisposable {
	readonly muster: Muster;
	readonly #sessions = new Map<Name, string>();

	private constructor(muster: Muster) {
		this.muster = muster;
	}

	/** Starts a Muster and makes its people. */
	static async open(options: MusterOptions = {}): Promise<House> {
		const house = new House(await startMuster(options));
		const { ada, grace, linus } = {
			ada: accountOf('ada'),
			grace: accountOf('grace'),
			linus: accountOf('linus'),
		};
		const token = (await firstRunLink(house.muster)).split('/').at(-1);
		await house.#join('ada', '/setup', { token, ...ada });
		await house.#join('grace', await house.invite('grace'), grace);
		await house.#join('linus', await house.invite('linus'), linus);
		return house;
	}

	/** The address that people use. */
	get url(): string {
		return this.muster.url;
	}

	/** Asks the API as somebody; throws for anything but a success. */
	async ask(name: Name, route: `${Method} /${string}`, body?: object): Promise<unknown> {
		const response = await this.#send(route, body, this.cookieOf(name));
		const text = await response.text();
		if (!response.ok) throw new Error(`${route} by ${name}: ${response.status} ${text}`);
		return text === '' ? null : (JSON.parse(text) as unknown);
	}

	/** Makes an invitation by ada; gives its path in the API. */
	async invite(name: Name): Promise<string> {
		const { url } = (await this.ask('ada', 'POST /invitations', {
			access: everybody[name],
		})) as { url: string };
		return `/invitations/${url.split('/').at(-1)}`;
	}

	/** Declares an incident as ada; gives its number. */
	async declare(title = 'checkout is down', more: object = {}): Promise<number> {
		const answer = await this.ask('ada', 'POST /incidents', { title, ...more });
		return (answer as { number: number }).number;
	}

	/** Logs `line 1`, `line 2` and so on as ada. */
	async logLines(number: number, count: number): Promise<void> {
		for (let i = 1; i <= count; i++) {
			await this.ask('ada', `POST /incidents/${number}/entries`, { text: `line ${i}` });
		}
	}

	/** Changes as ada what somebody may do. */
	async setAccess(name: Name, access: Access): Promise<void> {
		const { people } = (await this.ask('ada', 'GET /people')) as {
			people: { id: string; name: string }[];
		};
		const person = people.find((one) => one.name === name);
		await this.ask('ada', `PATCH /people/${person?.id ?? ''}`, { access });
	}

	/** A window in which somebody is signed in; nobody for a stranger. */
	async enter(
		browser: Browser,
		name: Name | null,
		options: BrowserContextOptions = {},
	): Promise<Page> {
		const context = await browser.newContext({ baseURL: this.url, ...options });
		if (name !== null) {
			const [cookie, value = ''] = this.cookieOf(name).split('=');
			await context.addCookies([{ name: cookie ?? '', value, url: this.url, httpOnly: true }]);
		}
		return context.newPage();
	}

	async #join(name: Name, path: string, body: object): Promise<void> {
		const response = await this.#send(`POST ${path}`, body, '');
		const [cookie] = response.headers.getSetCookie();
		if (!response.ok || !cookie) throw new Error(`${name} did not join: ${await response.text()}`);
		this.#sessions.set(name, cookie.split(';')[0] ?? '');
	}

	#send(route: string, body: object | undefined, cookie: string): Promise<Response> {
		const [method = '', path = ''] = route.split(' ');
		return fetch(`${this.url}/api/v1${path}`, {
			method,
			headers: {
				Origin: this.url,
				Cookie: cookie,
				...(body && { 'Content-Type': 'application/json' }),
			},
			...(body && { body: JSON.stringify(body) }),
		});
	}

	/** What a browser of somebody sends to be known. */
	cookieOf(name: Name): string {
		const cookie = this.#sessions.get(name);
		if (cookie === undefined) throw new Error(`${name} is not here yet.`);
		return cookie;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.muster[Symbol.asyncDispose]();
	}
}

/** Signs in by the form that a page shows. */
export async function signIn(page: Page, email: string, secret = password): Promise<void> {
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(secret);
	await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The link that makes the first admin, as the log shows it. */
export async function firstRunLink(muster: Muster): Promise<string> {
	const find = () => /"link":"([^"]+)"/.exec(muster.output)?.[1];
	await until('the log shows the first-run link', () => find() !== undefined);
	return find() ?? '';
}
