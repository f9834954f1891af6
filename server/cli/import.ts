import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { bytesOf } from './file.ts';
import { importIncidentsCommand } from './importIncidents.ts';
import { Failure, Remote, type Surroundings } from './remote.ts';

const imported = z.object({
	number: z.number(),
	entries: z.number(),
	warnings: z.array(z.string()),
});

const importedBundle = z.object({
	number: z.number(),
	turns: z.number(),
	knownTurn: z.nullable(z.number()),
});

interface ImportOptions {
	readonly head?: string;
}

/** `muster import`: brings in a bundle or a timeline, told apart by what they hold; prints the number and address. */
export function importCommand(around: Surroundings): Command {
	const timeline = new Command('timeline')
		.description('write down a past incident from a timeline file; a broken file imports nothing')
		.argument('<file>', 'JSON: {title, milestones, entries: [{at, kind, text, …}]}')
		.action(async (file: string) => importTimeline(file, await bytesOf(file), around));
	return new Command('import')
		.description('bring in what was written elsewhere')
		.argument('[file]', 'a bundle that another Muster has exported, or a timeline file')
		.option(
			'--head <hex>',
			'a head that was published: the bundle is only taken if it is in its chain',
		)
		.addCommand(timeline)
		.addCommand(importIncidentsCommand(around))
		.action(async (file: string | undefined, { head }: ImportOptions, command: Command) => {
			if (file === undefined) return command.help({ error: true });
			const bytes = await bytesOf(file);
			if (isArchive(bytes)) await importBundle(file, bytes, { ...around, head });
			else if (head !== undefined) throw new Failure(`${file} is no bundle: it has no chain.`);
			else await importTimeline(file, bytes, around);
		});
}

async function importTimeline(
	file: string,
	bytes: Buffer,
	{ env, write, complain }: Surroundings,
): Promise<void> {
	const body = timelineIn(file, bytes);
	const remote = new Remote(env);
	const { number, entries, warnings } = await remote.ask('POST /imports/timeline', imported, {
		key: randomUUID(),
		body,
	});
	for (const warning of warnings) complain(`${file}: ${warning}\n`);
	write(`INC-${number} ${remote.roomOf(number)} ${entries} entries\n`);
}

async function importBundle(
	file: string,
	bytes: Buffer<ArrayBuffer>,
	{ env, write, head }: Surroundings & { head: string | undefined },
): Promise<void> {
	if (bytes.length > limits.bundleBytes) throw new Failure(`${file} is larger than 20 MiB.`);
	const remote = new Remote(env);
	const query = head === undefined ? '' : `?head=${encodeURIComponent(head)}`;
	const { number, turns, knownTurn } = await remote.ask(
		`POST /imports/bundle${query}`,
		importedBundle,
		{ body: new Blob([bytes], { type: 'application/zip' }) },
	);
	const known = knownTurn === null ? 'head not known' : `known up to turn ${knownTurn}`;
	write(`INC-${number} ${remote.roomOf(number)} ${turns} turns, ${known}\n`);
}

/** Every ZIP begins so, and no JSON does. */
function isArchive(bytes: Buffer): boolean {
	return bytes.subarray(0, 2).toString('latin1') === 'PK';
}

/** A file's text, if it is a timeline. Throws a `Failure` that names the file and the line that is wrong. */
function timelineIn(file: string, bytes: Buffer): string {
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		readTimelineFile(text);
		return text;
	} catch (error) {
		if (error instanceof Refusal) throw new Failure(`${file}: ${error.message}`);
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw new Failure(`${file}: not UTF-8.`);
		throw error;
	}
}
