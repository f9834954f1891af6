import { setTimeout as pause } from 'node:timers/promises';
import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { progressBar } from './progress.ts';
import { Remote, type Surroundings } from './remote.ts';

const left = z.object({ all: z.number(), outdated: z.number() });
const lookMs = 500;

/** `muster rebuild`: has all that is derived made anew, and waits until it is. */
export function rebuildCommand({ env, write, complain }: Surroundings): Command {
	return new Command('rebuild')
		.description('make anew what is derived from the journals, while everything goes on')
		.addOption(new Option('--only <what>', 'only this').choices(['incidents', 'retrospectives']))
		.action(async ({ only }: { only?: string }) => {
			const remote = new Remote(env);
			const bar = progressBar(complain);
			let now = await remote.ask('POST /rebuild', left, { body: only ? { only } : {} });
			while (now.outdated > 0) {
				bar.show(now.all - now.outdated, now.all);
				await pause(lookMs);
				now = await remote.ask('GET /rebuild', left);
			}
			bar.end();
			write(`${now.all} documents are derived anew.\n`);
		});
}
