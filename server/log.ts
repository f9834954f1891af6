import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** From everything to nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const secrets = ['password', 'token', 'secret', 'authorization', 'cookie'];

/** The same names at the top, one level down (`body.token`) and two (`request.headers.cookie`). */
const redacted = ['', '*.', '*.*.'].flatMap((above) => secrets.map((name) => above + name));

/**
 * The log: one JSON object a line, to standard output unless told otherwise. A message is a fixed
 * phrase, the rest is fields; each part has a child (`log.child({ part: 'sync' })`). What is named
 * like a secret is censored, and an error tells its message, code and stack but no row's content.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
	const options = {
		level,
		base: null,
		timestamp: stdTimeFunctions.isoTime,
		formatters: { level: (label: string) => ({ level: label }) },
		serializers: { err: describeError },
		redact: { paths: redacted, censor: '[secret]' },
	};
	return destination ? pino(options, destination) : pino(options);
}

interface ErrorDescription {
	readonly type: string;
	readonly message: string;
	readonly code?: unknown;
	readonly stack?: string | undefined;
	readonly cause?: ErrorDescription;
}

/** An error's `detail` and parameters hold what people wrote (PostgreSQL quotes whole rows): left out. */
function describeError(error: unknown): ErrorDescription {
	if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
	return {
		type: error.name,
		message: error.message,
		...('code' in error && { code: error.code }),
		stack: error.stack,
		...(error.cause !== undefined && { cause: describeError(error.cause) }),
	};
}
