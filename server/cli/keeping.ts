import { Command } from 'commander';
import * as z from 'zod/mini';
import { Failure, Remote, type Surroundings } from './remote.ts';

const answer = z.object({
	hold: z.nullable(z.object({ by: z.object({ name: z.string() }), reason: z.string() })),
});

/** `muster hold`: keeps an incident, however old it is, or ends that. */
export function holdCommand({ env, write }: Surroundings): Command {
	return new Command('hold')
		.description('keep an incident, however old it is')
		.argument('<incident>', 'its number, 42 or INC-42, or its id')
		.option('--reason <words>', 'why')
		.option('--end', 'do not keep it any more')
		.action(async (incident: string, options: { reason?: string; end?: true }) => {
			const path = `/incidents/${encodeURIComponent(incident.replace(/^INC-/i, ''))}/hold`;
			const remote = new Remote(env);
			if (!options.end && options.reason === undefined) {
				throw new Failure('Say why with --reason, or --end it.');
			}
			const { hold } = options.end
				? await remote.ask(`DELETE ${path}` as `DELETE /${string}`, answer)
				: await remote.ask(`POST ${path}` as `POST /${string}`, answer, {
						body: { reason: options.reason },
					});
			write(hold ? `Kept for ${hold.by.name}: ${hold.reason}\n` : 'Nothing keeps it any more.\n');
		});
}

/** `muster forget`: forgets who somebody was; what they wrote stays. */
export function forgetCommand({ env, write }: Surroundings): Command {
	return new Command('forget')
		.description('forget who somebody was; what they wrote stays, by somebody forgotten')
		.argument('<person>', 'their e-mail address, or their id')
		.action(async (person: string) => {
			const route = `DELETE /people/${encodeURIComponent(person)}` as const;
			await new Remote(env).ask(route, z.null());
			write('Forgotten.\n');
		});
}
