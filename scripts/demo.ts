import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Refusal } from '#core/refusal.ts';
import { startApp } from '#server/app.ts';
import { readConfig } from '#server/config.ts';
import { createLog } from '#server/log.ts';
import { builtPages } from '#server/main.ts';
import { accountOf, gather, password } from './demo/cast.ts';
import { goOn, standStill, tellPast, tellPresent, type Told } from './demo/story.ts';

// `npm run demo` starts a Muster of its own with people in it. It has a directory of its own, which
// goes when the demo ends; `-- --remove` removes what a demo that was killed has left behind.
// `-- --still` is for pictures: everybody is there, nobody types any more.

const folders = 'muster-demo-';

if (process.argv.includes('--remove')) await removeAll();
else await demonstrate(process.argv.includes('--still'));

async function demonstrate(isStill: boolean): Promise<void> {
	await import('./build-if-needed.ts');
	if (process.exitCode) return;
	const ended = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort());
	try {
		await play(isStill, ended.signal);
	} catch (error) {
		if (error instanceof Refusal) console.error(error.message);
		else if (!ended.signal.aborted) throw error;
		if (!ended.signal.aborted) process.exitCode = 1;
	}
}

async function play(isStill: boolean, signal: AbortSignal): Promise<void> {
	await using stack = new AsyncDisposableStack();
	const dataDir = path.join(tmpdir(), folders + process.pid);
	await mkdir(dataDir, { mode: 0o700 });
	stack.defer(() => rm(dataDir, { recursive: true, maxRetries: 20 }));
	const { PORT, HOST, PUBLIC_URL } = process.env;
	const config = readConfig({ PORT, HOST, PUBLIC_URL, DATA_DIR: dataDir, LOG_LEVEL: 'error' });
	process.env['ORIGIN'] = config.publicUrl;
	const app = await startApp({ config, log: createLog(config.logLevel), pages: builtPages });
	stack.use(app);
	signal.throwIfAborted();
	const place = { at: `http://127.0.0.1:${app.port}`, publicUrl: config.publicUrl };
	const cast = await gather(place, app.setupLink() ?? '');
	stack.defer(() => Object.values(cast).forEach((person) => person[Symbol.dispose]()));
	const past = await tellPast(cast);
	const present = await tellPresent(cast);
	signal.throwIfAborted();
	announce(app.url, { past, present });
	if (isStill) standStill(cast);
	else await goOn(cast, { signal, keyMs: 80 });
	await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function announce(url: string, { past, present }: { past: Told; present: Told }): void {
	const { email } = accountOf('priya');
	console.log(`
  The demo is at ${url}

  Sign in as   ${email} (admin), jo@, sam@, maya@, omar@example.com (responders)
               or lena@example.com (viewer), all with the password “${password}”
  Open         ${url}/i/${present.number}  Checkout 5xx in us-east
  Finished     ${url}/i/${past.number}  GitLab.com, 31 January 2017

  Ctrl-C ends the demo and removes its data.
`);
}

/** Removes what killed demos have left; one that runs keeps its own. */
async function removeAll(): Promise<void> {
	const names = (await readdir(tmpdir())).filter((name) => name.startsWith(folders));
	for (const name of names) {
		if (isRunning(Number(name.slice(folders.length)))) {
			console.log(`${name} is in use: Ctrl-C in the demo removes it.`);
		} else {
			await rm(path.join(tmpdir(), name), { recursive: true });
			console.log(`${name} is removed.`);
		}
	}
	if (names.length === 0) console.log('There is nothing to remove.');
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false; // no such process, or somebody else's
	}
}
