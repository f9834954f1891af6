import { Refusal } from '#core/refusal.ts';
import { limits } from './limits.ts';
import type { Logger } from './log.ts';

/** What runs in this process until it is told to stop. */
export interface Running {
	readonly running: AsyncDisposable;
	readonly log: Logger;
}

/** The first Node with everything that Muster uses (Argon2 in `node:crypto`). */
const neededNode = '24.7.0';

/**
 * Starts something and stops it when the process is told to. What is refused at the start is said in a
 * sentence, with exit code 1.
 */
export async function runUntilTold(start: () => Promise<Running>): Promise<void> {
	const { node } = process.versions;
	if (node.localeCompare(neededNode, 'en', { numeric: true }) < 0) {
		return fail(`Muster needs Node ${neededNode}; this is ${node}.`);
	}
	try {
		stopWhenTold(await start());
	} catch (error) {
		if (error instanceof Refusal) return fail(error.message);
		throw error;
	}
}

function stopWhenTold({ running, log }: Running): void {
	let isStopping = false;
	const stop = (signal: NodeJS.Signals): void => {
		if (isStopping) return;
		isStopping = true;
		log.info({ signal }, 'stopping');
		const fault = (error: unknown): void => {
			log.error({ err: error }, 'stopping failed');
			process.exitCode = 1;
		};
		exitAfter(limits.stopMs, () => fault(new Error('Not all of it ended in time.')));
		void running[Symbol.asyncDispose]()
			.then(() => log.info('stopped'), fault)
			.then(() => exitAfter(limits.lingerMs));
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}

/**
 * Ends the process if it has not ended by itself by then: a store that is silent never says farewell to
 * its sockets. What had to be kept is on the disk before anybody saw it.
 */
function exitAfter(ms: number, before: () => void = () => undefined): void {
	const end = (): void => {
		before();
		process.exit();
	};
	setTimeout(end, ms).unref();
}

function fail(sentence: string): void {
	process.stderr.write(`${sentence}\n`);
	process.exitCode = 1;
}
