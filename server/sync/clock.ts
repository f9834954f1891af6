import { setImmediate as nextRound } from 'node:timers/promises';

/** Time as rooms know it; a simulation brings its own. */
export interface Clock {
	/** Epoch ms. */
	now(): number;
	/** Runs something once, later; gives what calls it off. */
	after(ms: number, run: () => void): () => void;
	/** Runs something again and again; gives what ends it. */
	every(ms: number, run: () => void): () => void;
	/** Resolves when everything that has arrived by now is taken in. */
	round(): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, run) {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	},
	every(ms, run) {
		const timer = setInterval(run, ms);
		return () => clearInterval(timer);
	},
	round: () => nextRound(),
};

/** Resolves after so many ms. */
export function pause(clock: Clock, ms: number): Promise<void> {
	return new Promise((resolve) => void clock.after(ms, resolve));
}

/** What comes of a promise, or a failure once so many ms have passed. */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
	promise.catch(() => null); // it may fail when nobody waits for it any more
	const late = Promise.withResolvers<never>();
	const callOff = clock.after(ms, () => late.reject(new Error('No answer came in time.')));
	try {
		return await Promise.race([promise, late.promise]);
	} finally {
		callOff();
	}
}

/** The promise's value if it comes within so many ms, else null; a failure is no value either. */
export function inTime<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | null> {
	return new Promise((resolve) => {
		// After a round of I/O: what arrived while this process was busy is an answer in time.
		const callOff = clock.after(ms, () => void clock.round().then(() => resolve(null)));
		const settle = (value: T | null): void => {
			callOff();
			resolve(value);
		};
		promise.then(settle, () => settle(null));
	});
}
