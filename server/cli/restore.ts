import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { Remote, type Surroundings } from './remote.ts';

const restored = z.object({ turn: z.number(), facts: z.array(z.object({ text: z.string() })) });

interface RestoreOptions {
	readonly turn?: number;
	readonly beforeLastDeletion?: true;
}

/** `muster restore`: brings texts, tasks and notes back to an earlier version; prints what was written. */
export function restoreCommand({ env, write }: Surroundings): Command {
	return new Command('restore')
		.description('bring texts, tasks and notes back to an earlier version')
		.argument('<incident>', 'its number, 42 or INC-42, or its id')
		.option('--turn <turn>', 'as they read after this turn', turnOf)
		.option('--before-last-deletion', 'what the last big deletion took away')
		.addHelpText(
			'after',
			'\nWithout an option: opens an incident for editing again that could not be opened whole,' +
				'\nwithout the turns that cannot be opened.',
		)
		.action(async (incident: string, options: RestoreOptions) => {
			const key = randomUUID();
			const id = encodeURIComponent(incident.replace(/^INC-/i, ''));
			const body = { ...options, idempotencyKey: key };
			const answer = await new Remote(env).ask(`POST /incidents/${id}/restore`, restored, {
				key,
				body,
			});
			const sentences = answer.facts.map(({ text }) => text);
			if (sentences.length === 0) sentences.push(`It reads as after turn ${answer.turn} already.`);
			for (const sentence of sentences) write(`${sentence}\n`);
		});
}

function turnOf(text: string): number {
	if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
	throw new InvalidArgumentError('A turn is a number from 1.');
}
