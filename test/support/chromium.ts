import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';
import { installPackage, isRootOnDebian } from './apt.ts';

/** What Chromium is told: root in a container has no sandbox, and nothing may call home. */
export const chromiumFlags = [
	...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

const usualPlaces = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome-stable',
	'/usr/bin/google-chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The browser for the tests: CHROMIUM_PATH, else one that is installed, else Debian's, which root
 * gets by apt-get. Throws, saying what to install.
 */
export async function findChromium(): Promise<string> {
	const given = process.env.CHROMIUM_PATH;
	if (given) {
		if (await runs(given)) return given;
		throw new Error(`CHROMIUM_PATH names no browser that runs: ${given}`);
	}
	const installed = await findInstalled();
	if (installed) return installed;
	if (await isRootOnDebian()) {
		await installPackage('chromium', 'Chromium');
		const fresh = await findInstalled();
		if (fresh) return fresh;
	}
	throw new Error('The tests need Chromium or Chrome: install one, or set CHROMIUM_PATH to it.');
}

async function findInstalled(): Promise<string | null> {
	for (const place of usualPlaces) if (await runs(place)) return place;
	return null;
}

/** Some distributions put a script there that only says how to install it. */
async function runs(file: string): Promise<boolean> {
	try {
		await access(file, constants.X_OK);
		await promisify(execFile)(file, ['--version', ...chromiumFlags]);
		return true;
	} catch {
		return false;
	}
}
