import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { kinds } from '#core/incident/lifecycle.ts';
import { Remote, type Surroundings } from './remote.ts';

const declared = z.object({ id: z.string(), number: z.number() });

interface Options {
	readonly sev?: string;
	readonly kind?: string;
	readonly service: readonly string[];
}

function listed(name: string, before: readonly string[]): readonly string[] {
	return [...before, name];
}

/** `muster declare`: declares an incident; prints its number and where its room is. */
export function declareCommand({ env, write }: Surroundings): Command {
	return new Command('declare')
		.description('declare an incident')
		.argument('<title>', 'what is wrong')
		.addOption(new Option('--sev <level>', 'how bad it is').choices(['1', '2', '3', '4', '5']))
		.addOption(new Option('--kind <kind>', 'what it is for').choices(kinds))
		.option('--service <name>', 'what it concerns; may be given several times', listed, [])
		.action(async (title: string, options: Options) => {
			const remote = new Remote(env);
			const key = randomUUID();
			const { number } = await remote.ask('POST /incidents', declared, {
				key,
				body: {
					title,
					...(options.sev !== undefined && { severity: `SEV${options.sev}` }),
					...(options.kind !== undefined && { kind: options.kind }),
					...(options.service.length > 0 && { services: options.service }),
					idempotencyKey: key,
				},
			});
			write(`INC-${number} ${remote.roomOf(number)}\n`);
		});
}
