import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../support/until.ts';

const root = path.resolve(import.meta.dirname, '../..');
const admin = { name: 'ada', email: 'ada@example.com', password: 'correct horse battery staple' };

/** Milliseconds from `npm start` to a page with all its scripts. */
export interface ColdStarts {
	/** With nothing there yet: the database is made, and the page is the one that makes the admin. */
	readonly first: number;
	/** With what the first left: the page is the sign-in. */
	readonly again: number;
}

/** Starts Muster twice in a directory of its own, in a built checkout. */
export async function coldStarts(): Promise<ColdStarts> {
	const dataDir = await mkdtemp(path.join(tmpdir(), 'muster-bench-'));
	try {
		const first = await timed(dataDir, (muster) => muster.link, makeAdmin);
		const again = await timed(dataDir, (muster) => `${muster.url}/login`);
		return { first, again };
	} finally {
		await rm(dataDir, { recursive: true, force: true, maxRetries: 20 });
	}
}

/** What Muster says about itself in its log. */
interface Told {
	readonly url: string;
	readonly link: string;
}

async function timed(
	dataDir: string,
	pageOf: (muster: Told) => string,
	then: (muster: Told) => Promise<void> = async () => undefined,
): Promise<number> {
	const from = performance.now();
	await using muster = new NpmStart(dataDir);
	await until(
		'Muster says where the page is',
		() => pageOf(muster.told).startsWith('http'),
		60_000,
	);
	await openPage(pageOf(muster.told));
	const took = performance.now() - from;
	await then(muster.told);
	return took;
}

/** Gets a page and the scripts that it names, as a browser does. Throws if one is missing. */
async function openPage(url: string): Promise<void> {
	const html = await textOf(url);
	const names = new Set(Array.from(html.matchAll(/"([^"]+\.js)"/g), ([, name = '']) => name));
	if (names.size === 0) throw new Error(`${url} names no scripts.`);
	await Promise.all(Array.from(names, (name) => textOf(new URL(name, url).href)));
}

async function textOf(url: string): Promise<string> {
	const response = await fetch(url);
	if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
	return response.text();
}

async function makeAdmin({ url, link }: Told): Promise<void> {
	const response = await fetch(`${url}/api/v1/setup`, {
		method: 'POST',
		headers: { Origin: url, 'Content-Type': 'application/json' },
		body: JSON.stringify({ token: link.split('/').at(-1), ...admin }),
	});
	if (response.status !== 201) throw new Error(`No admin was made: ${await response.text()}`);
}

/** `npm start`, which ends with its process group. */
class NpmStart implements AsyncDisposable {
	#output = '';
	readonly #ended: Promise<unknown>;
	readonly #pid: number;

	constructor(dataDir: string) {
		const isSetting = (name: string) => name === 'DATABASE_URL' || name.startsWith('MUSTER_');
		const inherited = Object.entries(process.env).filter(([name]) => !isSetting(name));
		const child = spawn('npm', ['start'], {
			cwd: root,
			env: { ...Object.fromEntries(inherited), HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir },
			stdio: ['ignore', 'pipe', 'inherit'],
			detached: true,
		});
		if (child.pid === undefined) throw new Error('npm does not start.');
		this.#pid = child.pid;
		this.#ended = once(child, 'exit');
		child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
		process.once('exit', this.#kill);
	}

	get told(): Told {
		const find = (pattern: RegExp) => pattern.exec(this.#output)?.[1] ?? '';
		return { url: find(/"url":"([^"]+)"/), link: find(/"link":"([^"]+)"/) };
	}

	readonly #kill = (): void => {
		process.kill(-this.#pid, 'SIGTERM');
	};

	async [Symbol.asyncDispose](): Promise<void> {
		process.off('exit', this.#kill);
		this.#kill();
		await this.#ended;
	}
}
