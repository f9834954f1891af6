import type { Page } from '@playwright/test';
import type { MetricsAnswer } from '#core/review/metrics/answer.ts';
import { measures } from '#core/review/metrics/measures.ts';
import { duration } from '#core/time.ts';
import { expect, test } from '../support/e2e.ts';
import type { House } from '../support/house.ts';
import { quarter, writeDown } from '../support/pastIncidents.ts';

const days = 'from=2024-01-01&to=2024-04-01';
const told = new WeakSet<House>();

/** The figures of the quarter, from the page and from the API. */
async function openQuarter(house: House, page: Page, more = ''): Promise<MetricsAnswer> {
	if (!told.has(house)) await writeDown(house, quarter);
	told.add(house);
	await page.goto(`/insights?${days}${more}`);
	await expect(page.getByRole('heading', { level: 1, name: 'Insights' })).toBeVisible();
	return (await house.ask('ada', `GET /metrics?${days}${more}`)) as MetricsAnswer;
}

/** How links say how many incidents they lead to. */
const sayings = [
	/median of ([\d,]+)$/,
	/in ([\d,]+) incidents?$/,
	/, n ([\d,]+)$/,
	/: ([\d,]+)( SEV\d| Not set)?$/,
	/^([\d,]+)( pending| not applicable| invalid| zero| incidents?.*)?$/,
];

/** The words of a chart's table, row by row. */
async function tableOf(page: Page, figure: string): Promise<string[][]> {
	const rows = page.getByRole('figure', { name: figure, exact: true }).locator('tbody tr');
	return rows.evaluateAll((all) =>
		all.map((row) => Array.from(row.children, (cell) => cell.textContent?.trim() ?? '')),
	);
}

test('[I1] every figure on the screen is the API’s', async ({ house, linus }) => {
	test.setTimeout(120_000);
	const { total } = await openQuarter(house, linus);
	const all = linus.getByRole('article', { name: 'Incidents' });
	await expect(all).toContainText(String(total.incidents));
	await linus.getByText('Variants: the same counted').click();
	for (const { id, name } of measures) {
		const measured = total.measures[id];
		if (!measured) throw new Error(`The API has no ${id}.`);
		const card = linus.getByRole('article', { name, exact: true });
		const words = (ms: number | null) => (ms === null ? '–' : duration(ms));
		const value = `${words(measured.medianMs)} median of ${measured.n}`;
		await expect(card.getByRole('link').first()).toHaveText(value);
		if (measured.n === 0) continue;
		await expect(card).toContainText(`p90 ${words(measured.p90Ms)} · p95 ${words(measured.p95Ms)}`);
		await expect(card).toContainText(`) ${words(measured.meanMs)}`);
	}
	expect(total.measures.ttrResolve).toMatchObject({ n: 7, zero: 1, invalid: 1, pending: 1 });
});

test('[I2] every figure leads to as many incidents as it says', async ({ house, linus }) => {
	test.setTimeout(120_000);
	await openQuarter(house, linus);
	const links = await linus.locator('a[href^="/insights/incidents"]').evaluateAll((all) =>
		all.map((link) => ({
			href: link.getAttribute('href') ?? '',
			words: (link.getAttribute('aria-label') ?? link.textContent ?? '').trim(),
		})),
	);
	const counts = links.flatMap(({ href, words }) => {
		const said = sayings.map((saying) => saying.exec(words)?.[1]).find((count) => count);
		return said === undefined ? [] : [{ href, words, count: said }];
	});
	expect(counts.length).toBeGreaterThan(60);
	for (const { href, words, count } of counts) {
		const page = await (await linus.request.get(href)).text();
		expect(/: ([\d,]+) incidents?</.exec(page)?.[1], `${words}, ${href}`).toBe(count);
	}
});

test('[I5] tables hold the numbers of their charts', async ({ house, linus }) => {
	const { total } = await openQuarter(house, linus);
	const sum = (rows: string[][], from: number, to?: number) =>
		rows.flatMap((cells) => cells.slice(from, to)).reduce((all, text) => all + Number(text), 0);
	expect(sum(await tableOf(linus, 'When'), 1)).toBe(total.incidents);
	const weeks = await tableOf(linus, 'Incidents by week');
	expect(sum(weeks, -1)).toBe(total.incidents);
	expect(sum(weeks, 1, -1)).toBe(total.incidents);
	expect(sum(await tableOf(linus, 'Time to resolve, by severity'), 1, 2)).toBe(7);
	expect(sum(await tableOf(linus, 'Time to resolve'), 2)).toBe(7);
	const figure = linus.getByRole('figure', { name: 'Time to resolve, by severity' });
	await expect(figure.locator('circle')).toHaveCount(7);
});

test('a dot leads to its incident', async ({ house, linus }) => {
	await openQuarter(house, linus);
	await linus.getByLabel('checkout is down for 640 minutes: 10 h 40 min').click();
	await expect(linus.getByRole('heading', { level: 1 })).toContainText('for 640 minutes');
});

test('filters are set by keys alone, and the address says them', async ({ house, linus }) => {
	await openQuarter(house, linus);
	await linus.getByRole('combobox', { name: 'Service' }).focus();
	await linus.keyboard.press('Tab');
	for (let i = 0; i < 2; i++) await linus.keyboard.press('Tab');
	await expect(linus.getByRole('checkbox', { name: 'SEV1' })).toBeFocused();
	await linus.keyboard.press('Space');
	await linus.keyboard.press('Enter');
	await expect(linus).toHaveURL(/severity=SEV1/);
	await expect(linus.getByText('2024-01-01 to 2024-03-31; SEV1.')).toBeVisible();
	await expect(linus.getByRole('article', { name: 'Incidents' })).toContainText('3');
});

test('[I6] without scripts everything is there, and the filters work', async ({
	house,
	browser,
}) => {
	const page = await house.enter(browser, 'linus', { javaScriptEnabled: false });
	await openQuarter(house, page);
	const figure = page.getByRole('figure', { name: 'Time to resolve, by severity' });
	await expect(figure.locator('circle')).toHaveCount(7);
	await figure.getByText('Show as table').click();
	await expect(figure.getByRole('row')).toHaveCount(4);
	await page.getByRole('checkbox', { name: 'SEV3' }).check();
	await page.getByRole('button', { name: 'Apply' }).click();
	await expect(figure.locator('circle')).toHaveCount(2);
	await page.context().close();
});

test('on paper the filters are a sentence and every table is open', async ({ house, linus }) => {
	await openQuarter(house, linus);
	await linus.emulateMedia({ media: 'print' });
	await expect(linus.getByRole('form', { name: 'Filters' })).toBeHidden();
	await expect(linus.getByText('91 days: 2024-01-01 to 2024-03-31; all severities.')).toBeVisible();
	for (const figure of await linus.getByRole('figure').all()) {
		await expect(figure.getByRole('table')).toBeVisible();
	}
});

test('what the address says wrong is said, and the usual is shown', async ({ house, linus }) => {
	await openQuarter(house, linus);
	await linus.goto('/insights?from=2024-02-30');
	await expect(linus.getByRole('main').getByRole('alert')).toContainText(
		'“2024-02-30” is not a day',
	);
	await linus.goto('/insights?tz=Mars/Olympus');
	await expect(linus.getByRole('main').getByRole('alert')).toContainText(
		'“Mars/Olympus” is not a time zone',
	);
});

test('the list of a figure says why incidents are in it, and with which times', async ({
	house,
	linus,
}) => {
	await openQuarter(house, linus);
	const card = linus.getByRole('article', { name: 'Time to resolve', exact: true });
	await card.getByRole('link', { name: '1 invalid' }).click();
	await expect(linus.getByRole('heading', { level: 1 })).toHaveText(
		'Time to resolve: Invalid: 1 incident',
	);
	await expect(linus.getByText('The end is before the start')).toBeVisible();
	const row = linus.getByRole('row', { name: 'with its times the wrong way round' });
	await expect(row).toContainText('2024-03-05 09:00:00 UTC');
	await expect(row).toContainText('2024-03-05 08:00:00 UTC');
	await linus.getByRole('link', { name: 'Insights', exact: true }).first().click();
	await expect(linus.getByRole('heading', { level: 1, name: 'Insights' })).toBeVisible();
});
