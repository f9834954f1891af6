import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../support/until.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** How long `npm start` takes until a page is there, in ms: the first time, and every time after. */
export async function timeStarts(): Promise<{ first: number; next: number }> {
	const dataDir = await mkdtemp(path.join(tmpdir(), 'muster-start-'));
	try {
		const first = await timeStart(dataDir);
		return { first, next: await timeStart(dataDir) };
	} finally {
		await rm(dataDir, { recursive: true, force: true, maxRetries: 20 });
	}
}

async function timeStart(dataDir: string): Promise<number> {
	const port = await freePort();
	const { DATABASE_URL: _, ...env } = process.env;
	const start = performance.now();
	const child = spawn('npm', ['start'], {
		cwd: root,
		env: { ...env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
		stdio: ['ignore', 'ignore', 'inherit'],
		detached: true,
	});
	const ended = once(child, 'exit');
	try {
		await until('a page is there', () => isPage(`http://localhost:${port}/`), 60_000);
		return performance.now() - start;
	} finally {
		if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
		await ended;
	}
}

async function isPage(url: string): Promise<boolean> {
	const response = await fetch(url).catch(() => null);
	return response?.status === 200 && (await response.text()).includes('</html>');
}

async function freePort(): Promise<number> {
	const probe = createServer().listen(0, '127.0.0.1');
	await once(probe, 'listening');
	const { port } = probe.address() as AddressInfo;
	probe.close();
	await once(probe, 'close');
	return port;
}
