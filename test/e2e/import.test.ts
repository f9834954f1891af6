import path from 'node:path';
import type { Page } from '@playwright/test';
import { faultsOn, screens } from '../support/axe.ts';
import { expect, test } from '../support/e2e.ts';
import type { House } from '../support/house.ts';

const real = path.resolve(
	import.meta.dirname,
	'../fixtures/incidents/github-status-2022-2024.jsonl',
);

const text = (name: string, content: string) => ({
	name,
	mimeType: 'text/plain',
	buffer: Buffer.from(content),
});

function lines(prefix: string, ...rows: readonly object[]) {
	const row = { title: 'checkout is down', started_at: '2024-03-01T10:00:00Z', impact: 'major' };
	const url = 'https://status.example.com/1';
	const all = rows.map((one, i) =>
		JSON.stringify({ id: `${prefix}${i + 1}`, url, ...row, ...one }),
	);
	return text(`${prefix}.jsonl`, all.join('\n'));
}

const table = (prefix: string) =>
	text(
		`${prefix}.csv`,
		`Number;Short description;Opened;Closed;Priority;Caller\n` +
			`${prefix}1;=cmd|'/c calc'!A1;2024-03-01 10:00;2024-03-01 11:30;High;Jo\n` +
			`${prefix}2;search is slow;2024-03-02 10:00;;Low;Sam\n`,
	);

const status = (page: Page) => page.getByRole('main').getByRole('status');
const file = (page: Page) => page.getByLabel('File');
const preview = (page: Page) => page.getByRole('button', { name: 'Preview' }).click();
const importNow = (page: Page) => page.getByRole('button', { name: /^Import \d/ }).click();

async function countOf(house: House): Promise<number> {
	const answer = await house.ask('ada', 'GET /incidents?state=all');
	return (answer as { incidents: readonly unknown[] }).incidents.length;
}

for (const javaScriptEnabled of [true, false]) {
	const how = javaScriptEnabled ? 'with' : 'without';
	test(`${how} scripts a history is previewed, imported, and the second time known`, async ({
		house,
		browser,
	}) => {
		const page = await house.enter(browser, 'ada', { javaScriptEnabled });
		/** Without scripts a page cannot keep the file. */
		const choose = (...rows: readonly object[]) =>
			file(page).setInputFiles(lines(`${how}-`, ...rows));
		const rows = [{ title: 'pool is full', services: [] }, { impact: '<b>awful</b>' }, {}];
		const before = await countOf(house);
		await page.goto('/settings/import');
		await expect(page.getByText('A file has at most 10 MB and 20,000 incidents.')).toBeVisible();
		await choose(...rows);
		await preview(page);
		await expect(status(page)).toHaveText(
			'2 incidents would be imported. 1 row cannot be read and would be left out.',
		);
		await expect(page.getByRole('main')).toContainText('Line 2: “impact” must be critical, major');
		const first = page.getByRole('list', { name: 'First rows' }).getByRole('listitem');
		await expect(first.first()).toContainText('SEV2');
		await expect(first.first()).toContainText('pool is full');
		await expect(first.first()).toContainText('declared 2024-03-01 10:00 UTC');
		await expect(page.getByText('Not taken over: “services” (line 1).')).toBeVisible();
		expect(await countOf(house)).toBe(before);

		if (!javaScriptEnabled) await choose(...rows);
		await importNow(page);
		await expect(status(page)).toHaveText(
			'2 incidents were imported. 1 row cannot be read and was left out.',
		);
		expect(await countOf(house)).toBe(before + 2);

		await choose(...rows.slice(0, 1), { title: 'it was worse' });
		await preview(page);
		await expect(status(page)).toHaveText(
			/^1 incident would be imported. 1 incident is here already./,
		);
		await choose(...rows);
		await preview(page);
		await expect(status(page)).toContainText('Nothing is new. 2 incidents are here already.');
		await expect(first.first().getByRole('link', { name: /^INC-\d+ pool is full$/ })).toBeVisible();
		await expect(page.getByRole('button', { name: /^Import \d/ })).toHaveCount(0);
		await page.context().close();
	});

	test(`${how} scripts all or nothing keeps every row out for one that is wrong`, async ({
		house,
		browser,
	}) => {
		const page = await house.enter(browser, 'ada', { javaScriptEnabled });
		const before = await countOf(house);
		await page.goto('/settings/import');
		await file(page).setInputFiles(lines(`whole-${how}-`, {}, { started_at: 'yesterday' }));
		await page.getByRole('checkbox', { name: 'Import all or nothing' }).check();
		await preview(page);
		await expect(status(page)).toHaveText(
			'Nothing would be imported, as you asked: 1 row of 2 cannot be read.',
		);
		await expect(page.getByRole('main')).toContainText('Line 2: ');
		await expect(page.getByRole('checkbox', { name: 'Import all or nothing' })).toBeChecked();
		await expect(page.getByRole('button', { name: /^Import \d/ })).toHaveCount(0);
		expect(await countOf(house)).toBe(before);
		await page.context().close();
	});

	test(`${how} scripts the columns of a table are listed, guessed, and read as somebody says`, async ({
		house,
		browser,
	}) => {
		const page = await house.enter(browser, 'ada', { javaScriptEnabled });
		const choose = () => file(page).setInputFiles(table(`${how}-csv-`));
		await page.goto('/settings/import');
		await choose();
		await page.getByLabel('Name of the source').fill('Desk');
		if (!javaScriptEnabled) await preview(page);
		const column = (name: string | RegExp) => page.getByRole('combobox', { name });
		await expect(column('Id')).toHaveValue('Number');
		await expect(column('Title')).toHaveValue('Short description');
		await expect(column(/^Declared/)).toHaveValue('Opened');
		await expect(column(/^Severity/)).toHaveValue('Priority');
		await expect(column(/^Services/)).toHaveValue('');
		if (javaScriptEnabled) await preview(page);
		await expect(status(page)).toHaveText(
			'There is nothing to import. 2 rows cannot be read and would be left out.',
		);
		await expect(page.getByRole('main')).toContainText('“Opened” has no time zone');
		await column(/^Severity/).selectOption('None');
		await column(/^Services/).selectOption('Caller');
		await page.getByLabel('Zone of times that name none').fill('+01:00');
		if (!javaScriptEnabled) await choose();
		await preview(page);
		await expect(status(page)).toHaveText('2 incidents would be imported.');
		await expect(page.getByText('Not taken over: “Priority” (line 1).')).toBeVisible();
		if (!javaScriptEnabled) await choose();
		await importNow(page);
		await expect(status(page)).toHaveText('2 incidents were imported.');
		const first = page.getByRole('list', { name: 'First rows' }).getByRole('listitem').first();
		await expect(first).toContainText('2024-03-01 09:00 to 2024-03-01 10:30 UTC · closed · Jo');
		await page.context().close();
	});
}

test('the real history of a status page is imported while a bar says how far it is', async ({
	ada,
}) => {
	await ada.goto('/settings/import');
	await file(ada).setInputFiles(real);
	await preview(ada);
	await expect(status(ada)).toHaveText('399 incidents would be imported.');
	await ada.evaluate(() => {
		const seen: number[] = [];
		Object.assign(window, { seen });
		new MutationObserver(() => {
			const bar = document.querySelector('progress');
			if (bar) seen.push(bar.value);
		}).observe(document.body, { subtree: true, childList: true, attributes: true });
	});
	await importNow(ada);
	await expect(status(ada)).toHaveText('399 incidents were imported.', { timeout: 30_000 });
	const seen = await ada.evaluate(() => (window as unknown as { seen: number[] }).seen);
	expect(new Set(seen)).toContain(100);
	const list = ada.getByRole('link', { name: 'See all incidents' });
	await expect(list).toHaveAttribute('href', /state=all/);
	await preview(ada);
	await expect(status(ada)).toHaveText('Nothing is new. 399 incidents are here already.');
});

test('what is no history is refused in a sentence', async ({ ada }) => {
	await ada.goto('/settings/import');
	const alert = ada.getByRole('main').getByRole('alert');
	await file(ada).setInputFiles(text('photo.json', '{"a": 1}'));
	await preview(ada);
	await expect(status(ada)).toContainText('1 row cannot be read');
	await file(ada).setInputFiles(text('empty.csv', 'id,title\n'));
	await preview(ada);
	await expect(alert).toHaveText('There is no incident in this file.');
	await file(ada).setInputFiles(text('large.csv', 'x'.repeat(10 * 1024 * 1024 + 1)));
	await expect(alert).toHaveText('This file has 10.0 MB. Split it: 10 MB go at once.');
	await expect(ada.getByRole('button', { name: /^Import \d/ })).toHaveCount(0);
});

test('without scripts a file that is too large is refused in a sentence', async ({
	house,
	browser,
}) => {
	const page = await house.enter(browser, 'ada', { javaScriptEnabled: false });
	await page.goto('/settings/import');
	await file(page).setInputFiles(text('large.csv', 'x'.repeat(2 * 1024 * 1024)));
	await preview(page);
	await expect(page.getByRole('main').getByRole('alert')).toContainText(
		'without scripts it may have at most 1 MB',
	);
	await page.context().close();
});

test('only an admin imports: others read that, and are refused whatever they send', async ({
	house,
	grace,
}) => {
	await grace.goto('/settings');
	await grace
		.getByRole('navigation', { name: 'Settings' })
		.getByRole('link', { name: 'Import' })
		.click();
	await expect(grace.getByText('Only an admin can import.')).toBeVisible();
	await expect(file(grace)).toHaveCount(0);
	const before = await countOf(house);
	for (const [form, origin, expected] of [
		['import', house.url, 403],
		['preview', house.url, 403],
		['import', 'https://evil.example', 403],
	] as const) {
		const body = new FormData();
		const { name, buffer } = lines('grace-', {});
		body.set('file', new File([buffer], name));
		const { status: code } = await fetch(`${house.url}/settings/import?/${form}`, {
			method: 'POST',
			headers: { Accept: 'text/html', Origin: origin, Cookie: house.cookieOf('grace') },
			body,
		});
		expect(code).toBe(expected);
	}
	expect(await countOf(house)).toBe(before);
});

for (const [name, screen] of Object.entries(screens)) {
	test(`axe finds nothing on the import, on a ${name}`, async ({ house, browser }) => {
		test.setTimeout(180_000);
		const page = await house.enter(browser, 'ada', screen);
		const look = async (what: string) => {
			expect(await faultsOn(page), what).toEqual([]);
			const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			expect(width, what).toBeLessThanOrEqual(0);
		};
		await page.goto('/settings/import');
		await look('nothing chosen');
		await file(page).setInputFiles(table(`axe-${name}-`));
		await look('a table chosen');
		await preview(page);
		await expect(status(page)).toContainText('2 rows cannot be read');
		await look('rows that cannot be read');
		const rows = Array.from({ length: 30 }, (_, i) => ({
			...{ url: 'nowhere', kind: i < 3 ? 'maintenance' : 'incident' },
			...(i > 5 && { impact: 'awful' }),
		}));
		await page.getByLabel('Name of the source').fill('Desk');
		await file(page).setInputFiles(lines(`axe-${name}-${'long'.repeat(20)}`, ...rows));
		await preview(page);
		await importNow(page);
		await expect(status(page)).toContainText('6 incidents were imported');
		await page.getByText('20 more', { exact: true }).click();
		await look('what came of it');
		await page.context().close();
	});
}
