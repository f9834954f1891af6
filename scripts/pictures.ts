import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumFlags, findChromium } from '../test/support/chromium.ts';

// `npm run pictures` takes the pictures of the README from a running demo.

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'docs/pictures');

interface Demo {
	readonly board: string;
	readonly room: string;
	readonly email: string;
	readonly password: string;
}

const demo = spawn(process.execPath, [path.join(root, 'scripts/demo.ts'), '--still'], {
	cwd: root,
	env: { ...process.env, PORT: '3210' },
	stdio: ['ignore', 'pipe', 'inherit'],
});
try {
	const place = await readDemo();
	await mkdir(folder, { recursive: true });
	const browser = await chromium.launch({
		executablePath: await findChromium(),
		args: chromiumFlags,
	});
	for (const scheme of ['light', 'dark'] as const) await takeDesktop(browser, place, scheme);
	await takePhone(browser, place);
	await takeInsights(browser, place);
	await browser.close();
} finally {
	demo.kill('SIGINT');
	await once(demo, 'exit');
}

/** What the demo says of itself once everybody is there. */
async function readDemo(): Promise<Demo> {
	let text = '';
	for await (const line of createInterface({ input: demo.stdout })) {
		text += `${line}\n`;
		if (line.includes('Ctrl-C')) break;
	}
	const find = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';
	return {
		board: find(/The demo is at (\S+)/),
		room: find(/Open +(\S+)/),
		email: find(/Sign in as +(\S+)/),
		password: find(/password “([^”]+)”/),
	};
}

async function signIn(page: Page, { board, email, password }: Demo): Promise<void> {
	await page.goto(`${board}/login`);
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(password);
	await page.keyboard.press('Enter');
	await page.waitForURL(`${board}/`);
}

async function takeDesktop(browser: Browser, place: Demo, scheme: 'light' | 'dark'): Promise<void> {
	const page = await browser.newPage({
		viewport: { width: 1440, height: 900 },
		colorScheme: scheme,
		reducedMotion: 'reduce',
	});
	await signIn(page, place);
	await page.screenshot({ path: path.join(folder, `board-${scheme}.png`) });
	await openRoom(page, place);
	await page.screenshot({ path: path.join(folder, `room-${scheme}.png`) });
	await page.close();
}

async function takePhone(browser: Browser, place: Demo): Promise<void> {
	const page = await browser.newPage({
		viewport: { width: 390, height: 844 },
		colorScheme: 'dark',
		reducedMotion: 'reduce',
		hasTouch: true,
		isMobile: true,
	});
	await signIn(page, place);
	await openRoom(page, place);
	await page.screenshot({ path: path.join(folder, 'room-phone.png') });
	await page.close();
}

/** The figures of a year of real incidents, which are imported for that. */
async function takeInsights(browser: Browser, place: Demo): Promise<void> {
	const page = await browser.newPage({
		viewport: { width: 1440, height: 900 },
		colorScheme: 'light',
		reducedMotion: 'reduce',
	});
	await signIn(page, place);
	const history = 'test/fixtures/incidents/github-status-2022-2024.jsonl';
	await page.goto(`${place.board}/settings/import`);
	await page.getByLabel('File').setInputFiles(path.join(root, history));
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.getByRole('button', { name: /^Import \d/ }).click();
	await page.getByText('were imported.').waitFor();
	await page.goto(`${place.board}/insights?from=2024-01-01&to=2025-01-01`);
	await page.evaluate(() => document.fonts.ready);
	const figures = page.getByRole('heading', { name: 'Figures' });
	await figures.evaluate((heading) => heading.scrollIntoView({ block: 'start' }));
	await page.mouse.wheel(0, -24);
	await page.screenshot({ path: path.join(folder, 'insights-light.png') });
	await page.close();
}

async function openRoom(page: Page, { room }: Demo): Promise<void> {
	await page.goto(room);
	await page.locator('[data-saved="saved"]').waitFor();
	await page.evaluate(() => document.fonts.ready);
}
