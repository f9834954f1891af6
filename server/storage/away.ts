import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';

const signs = new Set([
	'CONNECTION_CLOSED',
	'CONNECTION_ENDED',
	'CONNECTION_DESTROYED',
	'CONNECT_TIMEOUT',
	'ECONNREFUSED',
	'ECONNRESET',
	'EPIPE',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ETIMEDOUT',
	'25P03', // it ended our transaction because we were silent in it
	'53300', // it has no connection left
	'57P01', // it was told to stop
	'57P02', // it crashed
	'57P03', // it is starting
]);

/** Whether an error says that the store cannot be reached, not that it refused what was asked. */
export function isStoreAway(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	if (error instanceof AggregateError && error.errors.some(isStoreAway)) return true;
	const code = 'code' in error ? String(error.code) : '';
	const isConnecting = 'syscall' in error && error.syscall === 'connect';
	return isConnecting || signs.has(code) || code.startsWith('08');
}

/** What is said when the store stayed away for too long. */
function storeIsAway(): Refusal {
	return new Refusal('unavailable', 'The store cannot be reached. Nothing was written; try again.');
}

/**
 * Asks again while the store is away, then gives up with a `Refusal`. Only for what may be done
 * twice: readings, and what fails before it writes.
 */
export function patiently<T>(ask: () => Promise<T>): Promise<T> {
	const end = performance.now() + limits.commandMs;
	return insist(() => inTime(ask(), end - performance.now()));
}

/** As `patiently`, for what gives up by itself when the store is silent. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
	const end = performance.now() + limits.commandMs;
	for (;;) {
		try {
			return await ask();
		} catch (error) {
			if (!isStoreAway(error)) throw error;
			const left = end - performance.now();
			if (left <= 0) throw storeIsAway();
			await pause(Math.min(100, left));
		}
	}
}

/** The promise's value, or a `Refusal` once the store has been silent for so long. */
async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
	const silence = Promise.withResolvers<never>();
	const timer = setTimeout(() => silence.reject(storeIsAway()), ms);
	try {
		return await Promise.race([promise, silence.promise]);
	} finally {
		clearTimeout(timer);
	}
}
