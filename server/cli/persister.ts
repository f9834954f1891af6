import { Command } from 'commander';
import type { Surroundings } from './remote.ts';

/** `muster persister`: derives lists, checkpoints and final states, for nodes that leave it to others. */
export function persisterCommand({ env }: Surroundings): Command {
	return new Command('persister')
		.description('derive what lists show, for nodes with MUSTER_PERSISTER=apart')
		.addHelpText(
			'after',
			'\nRuns on DATABASE_URL until it is told to stop. Any number share the work.',
		)
		.action(async () => {
			// Only this command needs the persister, which takes a while to load.
			const { runPersister } = await import('#server/persister/alone.ts');
			await runPersister(env);
		});
}
