import { Refusal } from '#core/refusal.ts';
import { readConfig, type Config } from '#server/config.ts';
import { limits } from '#server/limits.ts';
import { createLog, type Logger } from '#server/log.ts';
import { Upkeep } from '#server/history/upkeep.ts';
import { Opening } from '#server/opening/opening.ts';
import { Workshop } from '#server/opening/workshop.ts';
import { runUntilTold } from '#server/running.ts';
import { openStore } from '#server/storage/store.ts';
import { Persister } from './persister.ts';

/** Runs a persister in this process until it is told to stop, with the settings of the environment. */
export async function runPersister(env: NodeJS.ProcessEnv): Promise<void> {
	await runUntilTold(async () => {
		const config = readConfig(env);
		const log = createLog(config.logLevel);
		for (const warning of config.warnings) log.warn({ warning }, 'setting is odd');
		const running = await startPersister(config, log);
		log.info('persister is at work');
		return { running, log };
	});
}

/** Starts a persister on a store that others use too; it keeps nothing on this machine. */
async function startPersister(config: Config, log: Logger): Promise<AsyncDisposable> {
	if (config.databaseUrl === null) {
		throw new Refusal('invalid', 'Set DATABASE_URL to the store whose turns are to be derived.');
	}
	await using stack = new AsyncDisposableStack();
	const db = stack.use(await openStore(config, log.child({ part: 'store' })));
	const workbench = stack.use(new Workshop());
	const opening = new Opening({ sql: db.sql, workbench, log: log.child({ part: 'opening' }) });
	const persister = stack.use(
		new Persister({
			...{ db, opening, log: log.child({ part: 'persister' }) },
			lookMs: limits.askedApartMs,
		}),
	);
	const upkeep = stack.use(new Upkeep({ sql: db.sql, config, log: log.child({ part: 'upkeep' }) }));
	await workbench.ready;
	await persister.start();
	upkeep.start();
	return stack.move();
}
