import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { accesses } from '#core/response/access.ts';
import { Failure, Remote, type Surroundings } from './remote.ts';

const made = z.object({ id: z.string(), token: z.string() });
const list = z.object({
	tokens: z.array(
		z.object({ id: z.string(), name: z.string(), access: z.string(), createdAt: z.string() }),
	),
});

/** `muster token`: API tokens, for scripts and this command line. */
export function tokenCommand(around: Surroundings): Command {
	return new Command('token')
		.description('make, list and revoke API tokens')
		.addCommand(createCommand(around))
		.addCommand(listCommand(around))
		.addCommand(revokeCommand(around));
}

function createCommand({ env, write }: Surroundings): Command {
	return new Command('create')
		.description('make a token and print it, this once')
		.argument('<name>', 'under which it acts')
		.addOption(
			new Option('--access <access>', 'what it may do').choices(accesses).default('responder'),
		)
		.action(async (name: string, { access }: { access: string }) => {
			const body = { name, access };
			const { token } = await new Remote(env).ask('POST /tokens', made, { body });
			write(`${token}\n`);
		});
}

function listCommand({ env, write }: Surroundings): Command {
	return new Command('list').description('list tokens: id, access, day, name').action(async () => {
		const { tokens } = await new Remote(env).ask('GET /tokens', list);
		for (const { id, name, access, createdAt } of tokens) {
			write(`${id} ${access.padEnd('responder'.length)} ${createdAt.slice(0, 10)} ${name}\n`);
		}
	});
}

function revokeCommand({ env }: Surroundings): Command {
	return new Command('revoke')
		.description('revoke a token')
		.argument('<token>', 'its id, or its name if no other has it')
		.action(async (wanted: string) => {
			const remote = new Remote(env);
			const { tokens } = await remote.ask('GET /tokens', list);
			const [found, other] = tokens.filter(({ id, name }) => id === wanted || name === wanted);
			if (!found) throw new Failure(`There is no token “${wanted}”.`);
			if (other) throw new Failure(`Several tokens are called “${wanted}”: use the id.`);
			await remote.ask(`DELETE /tokens/${found.id}`, z.null());
		});
}
