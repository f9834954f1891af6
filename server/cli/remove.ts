import { randomUUID } from 'node:crypto';
import { text as readText } from 'node:stream/consumers';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { Failure, Remote, type Surroundings } from './remote.ts';

const removed = z.object({ facts: z.array(z.object({ text: z.string() })) });

interface RemoveOptions {
	readonly text?: string;
	readonly entry?: string;
	readonly fact?: string;
	readonly task?: string;
	readonly reason: string;
}

/** `muster remove`: removes something for good, from the history too; prints what the record says of it. */
export function removeCommand({ env, write }: Surroundings): Command {
	return new Command('remove')
		.description('remove something for good that was pasted or typed by mistake')
		.argument('<incident>', 'its number, 42 or INC-42, or its id')
		.option('--text <text>', 'wherever it ever was; - reads it from the input')
		.option('--entry <id>', 'all words of an entry')
		.option('--fact <id>', 'all words of a fact')
		.option('--task <id>', 'all words of a task')
		.requiredOption('--reason <words>', 'why; everybody reads this')
		.addHelpText(
			'after',
			'\nA text on the command line stays in the history of your shell: rather use' +
				'\n  muster remove 42 --text - --reason "a password" < secret.txt' +
				'\nWhat it does not reach (backups, exports, the write-ahead log) is in docs/RUNBOOK.md.',
		)
		.action(async (incident: string, { text, ...options }: RemoveOptions) => {
			const key = randomUUID();
			const id = encodeURIComponent(incident.replace(/^INC-/i, ''));
			const given = text === '-' ? await readText(process.stdin) : text;
			if ([given, options.entry, options.fact, options.task].every((one) => one === undefined)) {
				throw new Failure('Say what is to be removed: --text, --entry, --fact or --task.');
			}
			const body = { ...options, text: given, idempotencyKey: key };
			const answer = await new Remote(env).ask(`POST /incidents/${id}/removals`, removed, {
				key,
				body,
			});
			for (const { text: sentence } of answer.facts) write(`${sentence}\n`);
		});
}
