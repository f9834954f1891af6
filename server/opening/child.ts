import { writeSync } from 'node:fs';
import { Script } from 'node:vm';
import { boundsOf, carryOut, type Job } from './jobs.ts';

declare global {
	var musterJob: (() => unknown) | undefined;
}

/** Ends what runs for too long even when nobody is left to end this process. */
const run = new Script('globalThis.musterJob()');
const standardOutput = 1;

const clock = new Int32Array(new SharedArrayBuffer(4));

/** A pipe takes no more for a moment when whoever reads it is busy. */
function write(text: string): void {
	for (;;) {
		try {
			writeSync(standardOutput, text);
			return;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
			Atomics.wait(clock, 0, 0, 1);
		}
	}
}

process.on('message', (job: Job) => {
	// Written, not sent: so it is known when nothing else is said any more.
	globalThis.musterJob = () => carryOut(job, (step) => write(`${step}\n`));
	try {
		process.send?.({ result: run.runInThisContext({ timeout: boundsOf(job.kind).mostMs }) });
	} catch (error) {
		process.send?.({ fault: error instanceof Error ? error.message : String(error) });
	}
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
