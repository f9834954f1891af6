import { Command, CommanderError } from 'commander';
import { declareCommand } from './declare.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { forgetCommand, holdCommand } from './keeping.ts';
import { logCommand } from './log.ts';
import { persisterCommand } from './persister.ts';
import { Failure, type Surroundings } from './remote.ts';
import { rebuildCommand } from './rebuild.ts';
import { removeCommand } from './remove.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';
import { tokenCommand } from './token.ts';
import { verifyCommand } from './verify.ts';

const commands = [
	...[serveCommand, persisterCommand],
	...[
		declareCommand,
		logCommand,
		exportCommand,
		importCommand,
		restoreCommand,
		removeCommand,
		holdCommand,
		forgetCommand,
		verifyCommand,
		tokenCommand,
		rebuildCommand,
	],
];
const exitCodes = { failed: 1, misused: 2 } as const;

/** Runs one command line and gives its exit code: 0, 1 for what failed, 2 for what was misspelt. */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
	const program = new Command('muster')
		.description('The room where responders gather when a service is down.')
		.addHelpText(
			'after',
			'\nCommands but `serve`, `persister` and `verify` speak to MUSTER_URL with MUSTER_TOKEN.',
		)
		.configureOutput({ writeOut: around.write, writeErr: around.complain })
		.showSuggestionAfterError()
		.exitOverride();
	for (const command of commands) {
		program.addCommand(command(around).copyInheritedSettings(program));
	}
	try {
		await program.parseAsync(args, { from: 'user' });
		return 0;
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.misused;
		if (!(error instanceof Failure)) throw error;
		around.complain(`${error.message}\n`);
		return exitCodes.failed;
	}
}

if (import.meta.main) {
	const code = await run(process.argv.slice(2), {
		env: process.env,
		write: (text) => void process.stdout.write(text),
		complain: (text) => void process.stderr.write(text),
	});
	if (code !== 0) process.exitCode = code;
}
