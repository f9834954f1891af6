import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Refusal } from '#core/refusal.ts';
import { startApp, type App, type AppParts } from './app.ts';
import { readConfig, type Config } from './config.ts';
import type { PageHandler } from './http/pages.ts';
import { limits } from './limits.ts';
import { createLog, type Logger } from './log.ts';

/** The first Node with everything that Muster uses (Argon2 in `node:crypto`). */
const neededNode = '24.7.0';

/** Where the pages come from: the build, or Vite while developing. */
type Pages = Pick<AppParts, 'pages' | 'pagesUpgrade'>;

/** Starts Muster with the settings of the environment and stops it when it is told to. */
export async function main(
	env: NodeJS.ProcessEnv,
	pages: Pages = { pages: builtPages },
): Promise<void> {
	const { node } = process.versions;
	if (node.localeCompare(neededNode, 'en', { numeric: true }) < 0) {
		return fail(`Muster needs Node ${neededNode}; this is ${node}.`);
	}
	try {
		const config = readConfig({ ...env, PORT: await portFor(env) });
		const log = createLog(config.logLevel);
		for (const warning of config.warnings) log.warn({ warning }, 'setting is odd');
		// SvelteKit's handler reads its settings from the environment when it is imported.
		env.ORIGIN = config.publicUrl;
		env.BODY_SIZE_LIMIT = '1M';
		const app = await startApp({ config, log, ...pages });
		tell(app, config, log);
		stopWhenTold(app, log);
	} catch (error) {
		if (error instanceof Refusal) return fail(error.message);
		throw error;
	}
}

/** Port 0 means any that is free; it must be known before the address that people use is. */
async function portFor(env: NodeJS.ProcessEnv): Promise<string | undefined> {
	if (env.PORT !== '0') return env.PORT;
	const probe = createServer().listen(0, '127.0.0.1');
	await once(probe, 'listening');
	const { port } = probe.address() as AddressInfo;
	probe.close();
	await once(probe, 'close');
	return String(port);
}

/** The pages as `npm run build` made them. Throws a `Refusal` if they are not built. */
export async function builtPages(): Promise<PageHandler> {
	const built = new URL('../build/handler.js', import.meta.url).href;
	try {
		const { handler } = (await import(built)) as { handler: PageHandler };
		return handler;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
		throw new Refusal('unavailable', 'The pages are not built yet: run `npm run build` first.');
	}
}

/** Where Muster is, and how its first admin gets in: in words at a terminal, else in the log. */
function tell(app: App, config: Config, log: Logger): void {
	log.info({ url: app.url, host: config.host, port: app.port }, 'listening');
	const link = app.setupLink();
	if (link !== null) log.info({ link }, 'first run: open this link to create the admin');
	if (!process.stdout.isTTY) return;
	console.log(`\n  Muster is at ${app.url}`);
	if (link !== null) console.log(`  Open this once to create the admin: ${link}`);
	console.log('  Ctrl-C stops it.\n');
}

function stopWhenTold(app: App, log: Logger): void {
	let isStopping = false;
	const stop = (signal: NodeJS.Signals): void => {
		if (isStopping) return;
		isStopping = true;
		log.info({ signal }, 'stopping');
		const fault = (error: unknown): void => {
			log.error({ err: error }, 'stopping failed');
			process.exitCode = 1;
		};
		exitAfter(limits.stopMs, () => fault(new Error('Not all of it ended in time.')));
		void app[Symbol.asyncDispose]()
			.then(() => log.info('stopped'), fault)
			.then(() => exitAfter(limits.lingerMs));
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}

/**
 * Ends the process if it has not ended by itself by then: a store that is silent never says farewell to
 * its sockets. What had to be kept is on the disk before anybody saw it.
 */
function exitAfter(ms: number, before: () => void = () => undefined): void {
	const end = (): void => {
		before();
		process.exit();
	};
	setTimeout(end, ms).unref();
}

function fail(sentence: string): void {
	console.error(sentence);
	process.exitCode = 1;
}

if (import.meta.main) await main(process.env);
