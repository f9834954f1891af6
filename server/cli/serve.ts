import { Command } from 'commander';
import type { Surroundings } from './remote.ts';

/** `muster serve`: runs Muster with the settings of the environment. */
export function serveCommand({ env }: Surroundings): Command {
	return new Command('serve')
		.description('run Muster; .env.example names its settings')
		.action(async () => {
			// Only this command needs the server, which takes a while to load.
			const { main } = await import('#server/main.ts');
			await main(env);
		});
}
