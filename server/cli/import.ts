import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import { Refusal } from '#core/refusal.ts';
import { Failure, Remote, type Surroundings } from './remote.ts';

const imported = z.object({
	number: z.number(),
	entries: z.number(),
	warnings: z.array(z.string()),
});

/** `muster import timeline`: writes down a past incident; prints its number, address and entries. */
export function importCommand({ env, write, complain }: Surroundings): Command {
	const timeline = new Command('timeline')
		.description('write down a past incident from a timeline file; a broken file imports nothing')
		.argument('<file>', 'JSON: {title, milestones, entries: [{at, kind, text, …}]}')
		.action(async (file: string) => {
			const text = await textOf(file);
			const remote = new Remote(env);
			const { number, entries, warnings } = await remote.ask('POST /imports/timeline', imported, {
				key: randomUUID(),
				body: text,
			});
			for (const warning of warnings) complain(`${file}: ${warning}\n`);
			write(`INC-${number} ${remote.roomOf(number)} ${entries} entries\n`);
		});
	return new Command('import')
		.description('bring in what was written elsewhere')
		.addCommand(timeline);
}

/** A file's text, if it is a timeline. Throws a `Failure` that names the file and the line that is wrong. */
async function textOf(file: string): Promise<string> {
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
		readTimelineFile(text);
		return text;
	} catch (error) {
		if (error instanceof Refusal) throw new Failure(`${file}: ${error.message}`);
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw new Failure(`${file}: not UTF-8.`);
		if (code !== '') throw new Failure(`${file} cannot be read (${code}).`);
		throw error;
	}
}
