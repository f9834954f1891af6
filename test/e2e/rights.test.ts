import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../support/e2e.ts';
import type { House, Name } from '../support/house.ts';

const root = path.resolve(import.meta.dirname, '../../src/routes');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' });

/** The pages that there are, as their folders are called. */
const pages = files
	.filter((file) => /(^|\/)\+page(\.server)?\.(svelte|ts)$/.test(file))
	.map((file) => path.dirname(file).replace(/^\.$/, ''));
const allPages = [...new Set(pages)].sort();

/** Pages that somebody sees who is not signed in. */
const openPages = ['invite/[token]', 'login', 'logout', 'setup', 'setup/[token]'];

/** What stands in the place of a path's parameters. */
const parameters: Readonly<Record<string, string>> = { number: '1', token: 'wrong' };

function addressOf(page: string): string {
	const filled = page.replaceAll(/\[(\w+)\]/g, (_all, name: string) => {
		const value = parameters[name];
		if (value === undefined) {
			throw new Error(
				`Say in test/e2e/rights.test.ts what stands for [${name}] of src/routes/${page}.`,
			);
		}
		return value;
	});
	return `/${filled}`;
}

/** The form actions of a page. */
function formsOf(page: string): readonly string[] {
	const file = path.join(root, page, '+page.server.ts');
	const text = files.includes(path.join(page, '+page.server.ts')) ? readFileSync(file, 'utf8') : '';
	const [, actions = ''] = text.split('export const actions');
	return Array.from(actions.matchAll(/^\t(\w+): (?:async )?\(/gm), ([, name = '']) => name);
}

function ask(house: House, who: Name | null, [method, address]: readonly ['GET' | 'POST', string]) {
	return fetch(house.url + address, {
		method,
		redirect: 'manual',
		headers: {
			Accept: 'text/html',
			...(who && { Cookie: house.cookieOf(who) }),
			...(method === 'POST' && {
				Origin: house.url,
				'Content-Type': 'application/x-www-form-urlencoded',
			}),
		},
		...(method === 'POST' && { body: '' }),
	});
}

/** Where an answer sends the browser, as a path of this site. */
function placeOf({ headers, url }: Response, house: House): string | null {
	const location = headers.get('location');
	if (location === null) return null;
	const { origin, pathname } = new URL(location, url);
	return origin === house.url ? pathname : location;
}

/** What the pages are about: things that have the number 1. */
async function furnish(house: House): Promise<void> {
	await house.declare();
	await house.ask('ada', 'POST /problems', { title: 'a problem' });
}

test('every page but the doors sends a stranger to the sign-in', async ({ house }) => {
	await furnish(house);
	expect(allPages.length).toBeGreaterThan(10);
	for (const page of allPages.filter((one) => !openPages.includes(one))) {
		const response = await ask(house, null, ['GET', addressOf(page)]);
		const where = placeOf(response, house) ?? `status ${response.status}`;
		// The settings' own address leads to one of them first.
		expect(
			where,
			`src/routes/${page}: read it with readApi or signInFirst, or name it in openPages of this test`,
		).toMatch(page === 'settings' ? /^\/settings\// : /^\/login/);
	}
});

test('no form of a page takes anything from a stranger or a viewer', async ({ house }) => {
	await furnish(house);
	const before = await house.ask('ada', 'GET /people');
	const withForms = allPages.filter((page) => formsOf(page).length > 0);
	expect(withForms.length).toBeGreaterThan(5);
	for (const page of withForms.filter((one) => !openPages.includes(one))) {
		for (const form of formsOf(page)) {
			const address = addressOf(page) + (form === 'default' ? '' : `?/${form}`);
			for (const who of [null, 'linus'] as const) {
				const response = await ask(house, who, ['POST', address]);
				const { status } = response;
				const isSentAway = status === 303 && placeOf(response, house)?.startsWith('/login');
				expect(isSentAway || status >= 400, `${address} by ${who ?? 'a stranger'}: ${status}`).toBe(
					true,
				);
			}
		}
	}
	expect(await house.ask('ada', 'GET /people')).toEqual(before);
});

test('a viewer sees every page that shows what there is, and none that only writes', async ({
	house,
}) => {
	await furnish(house);
	for (const page of allPages.filter((one) => !openPages.includes(one))) {
		const { status } = await ask(house, 'linus', ['GET', addressOf(page)]);
		const expected = page === 'incidents/new' ? [404] : [200, 307];
		expect(expected, `src/routes/${page}`).toContain(status);
	}
});
