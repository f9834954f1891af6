import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { Refusal } from '#core/refusal.ts';
import type { Identity } from '#server/auth/identity.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import type { ApiEnv } from './env.ts';
import type { FindRoute } from './knownRoutes.ts';
import { refuseTooLarge, type LargeBody } from './largeBodies.ts';
import { parseStrictly } from './strictJson.ts';

type Gate = MiddlewareHandler<ApiEnv>;

/** Names the request and tells how it was answered. No cache keeps what one person may see. */
export function named(answered: (route: string, status: number) => void): Gate {
	return async (c, next) => {
		const requestId = randomUUID();
		c.set('requestId', requestId);
		c.set('clientAddress', c.env.address);
		c.set('route', 'none');
		c.set('identity', null);
		await next();
		c.header('X-Request-Id', requestId);
		if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
		c.header('X-Content-Type-Options', 'nosniff');
		answered(c.get('route'), c.res.status);
	};
}

/**
 * Refuses bodies that are too large, also those that do not say so beforehand. What is not much too
 * large is read to its end, unkept: many clients do not hear an answer before they have sent all.
 * Routes that take large ones read them themselves, once it is known who sends them.
 */
export function onlySmall(large: ReadonlyMap<string, LargeBody>): Gate {
	return async (c, next) => {
		const body = large.get(c.req.path);
		await (body ? refuseTooLarge(c.req.raw, body) : keepSmall(c));
		await next();
	};
}

async function keepSmall(c: Context<ApiEnv>): Promise<void> {
	const { body, headers } = c.req.raw;
	const said = Number(headers.get('content-length') ?? 0);
	if (body && (said > limits.bodyBytes || headers.has('transfer-encoding'))) {
		const kept = said > limits.drainedBytes ? null : await readWithin(body);
		if (!kept) throw new Refusal('tooLarge', 'The body is larger than 1 MiB.');
		c.req.raw = new Request(c.req.raw, { body: kept });
	}
}

/** The body, or null if it is too large. */
async function readWithin(body: ReadableStream<Uint8Array>): Promise<Blob | null> {
	const chunks: Uint8Array<ArrayBuffer>[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > limits.drainedBytes) return null;
		if (size <= limits.bodyBytes) chunks.push(Uint8Array.from(chunk));
	}
	return size > limits.bodyBytes ? null : new Blob(chunks);
}

/** Refuses unknown routes, and methods that a route does not take. */
export function onlyKnown(find: FindRoute): Gate {
	return async (c, next) => {
		const route = find(c.req.path);
		if (!route) throw new HTTPException(404, { message: 'There is no such route.' });
		c.set('route', route.path);
		if (!route.methods.includes(c.req.method)) {
			c.header('Allow', route.methods.join(', '));
			throw new HTTPException(405, { message: `This route takes ${route.methods.join(', ')}.` });
		}
		await next();
	};
}

/** Finds out who asks. */
export function identified(identify: (headers: Headers) => Promise<Identity | null>): Gate {
	return async (c, next) => {
		c.set('identity', await patiently(() => identify(c.req.raw.headers)));
		await next();
	};
}

/** Until an admin exists nothing answers but the set-up, and who holds the admin token. */
export function onlySetUp(
	isSetUp: () => boolean | Promise<boolean>,
	setupRoutes: readonly string[],
): Gate {
	return async (c, next) => {
		const isSetup = setupRoutes.includes(c.get('route'));
		if (!isSetup && c.get('identity') === null && !(await patiently(async () => isSetUp()))) {
			throw new Refusal(
				'forbidden',
				'Muster is not set up yet. Open the link that its log shows to make the first admin.',
			);
		}
		await next();
	};
}

/** Everything but the open routes is for people who are signed in. */
export function onlySignedIn(openRoutes: readonly string[]): Gate {
	return async (c, next) => {
		if (c.get('identity') === null && !openRoutes.includes(c.get('route'))) {
			throw new Refusal('signedOut', 'Sign in first.');
		}
		await next();
	};
}

/** Refuses a body that is not JSON in the strictest sense, but on routes that read files themselves. */
export function onlyStrict(fileRoutes: readonly string[]): Gate {
	return async (c, next) => {
		if (fileRoutes.includes(c.get('route'))) return next();
		const bytes = await c.req.arrayBuffer();
		if (bytes.byteLength > 0) parseStrictly(new Uint8Array(bytes));
		await next();
	};
}
