import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Refusal } from '#core/refusal.ts';
import { startApp, type App, type AppParts } from './app.ts';
import { readConfig, type Config } from './config.ts';
import { addressHeader } from './http/address.ts';
import type { PageHandler } from './http/pages.ts';
import { createLog, type Logger } from './log.ts';
import { runUntilTold } from './running.ts';

/** Where the pages come from: the build, or Vite while developing. */
type Pages = Pick<AppParts, 'pages' | 'pagesUpgrade'>;

/** Starts Muster with the settings of the environment and stops it when it is told to. */
export async function main(
	env: NodeJS.ProcessEnv,
	pages: Pages = { pages: builtPages },
): Promise<void> {
	await runUntilTold(async () => {
		const config = readConfig({ ...env, PORT: await portFor(env) });
		const log = createLog(config.logLevel);
		for (const warning of config.warnings) log.warn({ warning }, 'setting is odd');
		// SvelteKit's handler reads its settings from the environment when it is imported.
		env.ORIGIN = config.publicUrl;
		env.ADDRESS_HEADER = addressHeader;
		env.BODY_SIZE_LIMIT = '1M';
		const app = await startApp({ config, log, ...pages });
		tell(app, config, log);
		return { running: app, log };
	});
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

if (import.meta.main) await main(process.env);
