import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { readWhen, type When } from '#core/composer/when.ts';
import { instant } from '#core/wire.ts';
import { Failure, Remote, type Surroundings } from './remote.ts';

const logged = z.object({ id: z.string() });

interface LogOptions {
	readonly at?: string;
	readonly kind?: string;
	readonly actor?: string;
}

/** `muster log`: logs a line of an incident's timeline; prints its id. */
export function logCommand({ env, write }: Surroundings): Command {
	return new Command('log')
		.description('log what you saw, did or decided')
		.argument('<incident>', 'its number, 42 or INC-42, or its id')
		.argument('<text>', 'what happened')
		.option('--at <when>', 'when: -10m, 02:41, ~02:41-02:55, 2026-11-24T02:41:00Z (times in UTC)')
		.option('--kind <kind>', 'note, action, finding, decision …')
		.option('--actor <who>', 'who did it, where that is not you')
		.action(async (incident: string, text: string, options: LogOptions) => {
			const remote = new Remote(env);
			const key = randomUUID();
			const body = { text, ...detailsOf(options, Date.now()), idempotencyKey: key };
			const id = encodeURIComponent(incident.replace(/^INC-/i, ''));
			const entry = await remote.ask(`POST /incidents/${id}/entries`, logged, { key, body });
			write(`${entry.id}\n`);
		});
}

function detailsOf({ at, kind, actor }: LogOptions, now: number): object {
	const when = at === undefined ? null : whenOf(at, now);
	return {
		...(when && { occurredAt: new Date(when.occurredAt).toISOString() }),
		...(when?.endedAt !== undefined && { endedAt: new Date(when.endedAt).toISOString() }),
		...(when?.approximate && { approximate: true }),
		...(kind !== undefined && { kind }),
		...(actor !== undefined && { actors: actor }),
	};
}

/** A time as the composer understands it, or ISO 8601. Throws a `Failure`. */
function whenOf(text: string, now: number): When {
	const exact = instant.safeParse(text);
	if (exact.success) return { occurredAt: exact.data };
	const read = readWhen(text, now);
	if (read?.length === text.length) return read.when;
	throw new Failure(`“${text}” is not a time: write it like -10m, 02:41 or 2026-11-24T02:41:00Z.`);
}
