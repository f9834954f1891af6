import { randomUUID } from 'node:crypto';
import { chromium, type Page } from '@playwright/test';
import type { PersonId } from '#core/ids.ts';
import { urlOf } from '../support/addresses.ts';
import { chromiumFlags, findChromium } from '../support/chromium.ts';
import { House } from '../support/house.ts';
import { longIncident, storeIncident } from '../support/longIncident.ts';
import { startPostgres } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { downloadReplay } from '../support/replayed.ts';
import { until } from '../support/until.ts';
import type { Goal } from './report.ts';

const seed = 7;
const seeks = 200;
const began = Date.parse('2026-11-24T02:00:00Z');

/** What the replay of a simulated incident takes: 30 people, six hours, so many edits. */
export async function replayGoals(edits: number): Promise<Goal[]> {
	await using postgres = await startPostgres();
	const people = Array.from({ length: 30 }, () => randomUUID() as PersonId);
	const turns = longIncident({ edits, people: 30, hours: 6, seed }, began, people);
	await using house = await House.open({ databaseUrl: urlOf(postgres.ownAddress) });
	const { number } = await storeIncident(postgres.ownAddress, people, turns);
	await isListed(house, number);
	const last = Math.floor((turns.at(-1)?.at ?? 0) / 1_000);
	const instants = randomInstants(last);
	const { bytes } = await downloadReplay(house.url, String(number), {
		token: house.muster.adminToken,
	});
	const server = await timeServer(house, number, instants);
	const screen = await timeScreen(house, number, { last, instants });
	const isLarge = edits > 50_000;
	const name = `${edits.toLocaleString('en')} edits`;
	return [
		{ what: `${name}: history`, is: bytes / 1e6, atMost: isLarge ? 2 : 0.5, unit: 'MB' },
		{
			what: `${name}: seek on the server, p95`,
			is: server,
			atMost: isLarge ? 200 : 50,
			unit: 'ms',
		},
		{ what: `${name}: first frame`, is: screen.first / 1_000, atMost: 1, unit: 's' },
		{
			what: `${name}: history ready to be played`,
			is: screen.ready / 1_000,
			atMost: isLarge ? 10 : 3,
			unit: 's',
		},
		{
			what: `${name}: seek on screen, p95`,
			is: screen.seek,
			atMost: isLarge ? 200 : 100,
			unit: 'ms',
		},
	];
}

/** Waits until the persister has found it, and has checkpoints. */
async function isListed(house: House, number: number): Promise<void> {
	await until(
		'the incident is derived',
		async () => {
			const { incidents } = (await house.ask('ada', 'GET /incidents')) as {
				incidents: { number: number }[];
			};
			return incidents.some((one) => one.number === number);
		},
		180_000,
	);
}

function randomInstants(last: number): number[] {
	const random = seeded(seed);
	return Array.from({ length: seeks }, () => began + Math.floor(random() * (last - began)));
}

/** The p95 of moments asked of the server, in ms. */
async function timeServer(
	house: House,
	number: number,
	instants: readonly number[],
): Promise<number> {
	const took: number[] = [];
	for (const at of instants) {
		const from = performance.now();
		await house.ask('ada', `GET /incidents/${number}/at?t=${new Date(at).toISOString()}`);
		took.push(performance.now() - from);
	}
	return p95(took);
}

async function timeScreen(
	house: House,
	number: number,
	{ last, instants }: { last: number; instants: readonly number[] },
): Promise<{ first: number; ready: number; seek: number }> {
	const browser = await chromium.launch({
		executablePath: await findChromium(),
		args: [...chromiumFlags],
	});
	try {
		const page = await house.enter(browser, 'ada', { viewport: { width: 1440, height: 900 } });
		const address = `/i/${number}/replay?t=${new Date((began + last) / 2).toISOString()}`;
		await page.goto(address); // the pages' code is there then
		const from = performance.now();
		await page.goto(address, { waitUntil: 'commit' });
		await page.locator('li.item').first().waitFor();
		const first = performance.now() - from;
		await page.getByRole('slider').waitFor();
		const ready = performance.now() - from;
		const took: number[] = [];
		for (const at of instants) took.push(await timeSeek(page, (at - began) / (last - began)));
		return { first, ready, seek: p95(took) };
	} finally {
		await browser.close();
	}
}

/** From the press of the pointer to the frame after the one that shows the moment, in ms. */
function timeSeek(page: Page, place: number): Promise<number> {
	return page.evaluate(async (share) => {
		const root = document.querySelector<HTMLElement>('.replay');
		const track = document.querySelector<HTMLElement>('.scrubber .lanes');
		if (!root || !track) throw new Error('There is no replay.');
		const box = track.getBoundingClientRect();
		const at = {
			clientX: box.left + share * box.width,
			clientY: box.top + 5,
			button: 0,
			pointerId: 1,
		};
		track.setPointerCapture = () => undefined;
		const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
		const from = performance.now();
		track.dispatchEvent(new PointerEvent('pointerdown', { ...at, bubbles: true }));
		track.dispatchEvent(new PointerEvent('pointerup', { ...at, bubbles: true }));
		do await frame();
		while (root.dataset['shown'] !== root.dataset['at']);
		await frame();
		return performance.now() - from;
	}, place);
}

function p95(samples: readonly number[]): number {
	const sorted = samples.toSorted((a, b) => a - b);
	return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? NaN;
}
