import { rename, rm, stat } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { exportFormats, type ExportFormat } from '#core/review/export/formats.ts';
import { Failure, Remote, type Surroundings } from './remote.ts';

interface ExportOptions {
	readonly format: ExportFormat;
	readonly out?: string;
}

/** `muster export`: takes an incident out as a file; prints the file's name. */
export function exportCommand({ env, write }: Surroundings): Command {
	return new Command('export')
		.description('take an incident out: all of it with its history, or one file to read')
		.argument('<incident>', 'its number, 42 or INC-42, or its id')
		.addOption(
			new Option('--format <format>', 'in which form').choices(exportFormats).default('bundle'),
		)
		.option('--out <file>', 'where to; INC-42.zip and the like here, if there is no such file yet')
		.action(async (incident: string, { format, out }: ExportOptions) => {
			const id = encodeURIComponent(incident.replace(/^INC-/i, ''));
			const remote = new Remote(env);
			const { name, body } = await remote.download(`/incidents/${id}/export?format=${format}`);
			const file = out ?? (await freeName(name));
			await save(body, file);
			write(`${file}\n`);
		});
}

/** The name that the server gives, if nothing stands there that somebody may want to keep. */
async function freeName(name: string): Promise<string> {
	if (!/^INC-\d+\.[a-z]+$/.test(name)) throw new Failure('Give a name for the file with --out.');
	const known = await stat(name).catch(() => null);
	if (known) throw new Failure(`${name} is there already. Give another name with --out.`);
	return name;
}

/** Under its name once it is whole: what broke off must not be taken for it. */
async function save(body: ReadableStream<Uint8Array>, file: string): Promise<void> {
	const part = `${file}.part`;
	try {
		await pipeline(body, createWriteStream(part));
		await rename(part, file);
	} catch (error) {
		await rm(part, { force: true });
		const why = error instanceof Error ? error.message : String(error);
		throw new Failure(`${file} could not be written whole (${why}).`);
	}
}
