import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Refusal } from '#core/refusal.ts';
import type { Logger } from '#server/log.ts';
import { isStoreAway } from '#server/storage/away.ts';
import type { ApiEnv } from './env.ts';
import { statuses } from './statuses.ts';

/** The one shape in which the API says no. */
export interface Problem {
	readonly error: {
		readonly code: string;
		readonly message: string;
		readonly field?: string;
		readonly requestId: string;
	};
}

/** What HTTP itself refuses, before the domain is asked. */
const codes: Readonly<Record<number, string>> = {
	400: 'malformed',
	404: 'unknown',
	405: 'method',
	413: 'tooLarge',
	415: 'mediaType',
};

interface Answer {
	readonly status: ContentfulStatusCode;
	readonly code: string;
	readonly message: string;
	readonly field?: string;
	/** Nobody foresaw it: it goes to the log. */
	readonly isFault: boolean;
}

/** Answers whatever a handler threw; a fault is logged once, with the request's id. */
export function answerProblem(
	error: unknown,
	c: Context<ApiEnv>,
	parts: { log: Logger; refused: (code: string) => void },
): Response {
	const { status, code, message, field, isFault } = answerFor(error);
	const requestId = c.get('requestId');
	if (isFault) parts.log.error({ err: error, requestId, status }, 'request failed');
	parts.refused(code);
	const isEarly = status === 429 || status === 503;
	if (isEarly && !c.res.headers.has('Retry-After')) c.header('Retry-After', '1');
	const problem: Problem = {
		error: { code, message, ...(field === undefined ? {} : { field }), requestId },
	};
	return c.json(problem, status);
}

/** What is said of whatever was thrown, wherever that is said. */
export function answerFor(error: unknown): Answer {
	if (error instanceof Refusal) {
		const { code, message, field } = error;
		const status = statuses[code];
		return { status, code, message, isFault: false, ...(field === undefined ? {} : { field }) };
	}
	if (error instanceof HTTPException && codes[error.status] !== undefined) {
		const { status, message } = error;
		return {
			status: status,
			code: codes[status] ?? 'malformed',
			message,
			isFault: false,
		};
	}
	if (isStoreAway(error)) {
		const message = 'The store cannot be reached right now. Try again in a moment.';
		return { status: statuses.unavailable, code: 'unavailable', message, isFault: true };
	}
	const message = 'Something went wrong on our side. The request id finds it in the log.';
	return { status: 500, code: 'fault', message, isFault: true };
}
