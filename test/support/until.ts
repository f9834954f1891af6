import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, looking every few milliseconds; throws, naming it, when it never does. */
export async function until(
	what: string,
	condition: () => boolean | Promise<boolean>,
	withinMs = 15_000,
): Promise<void> {
	const deadline = performance.now() + withinMs;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}.`);
		await pause(5);
	}
}
