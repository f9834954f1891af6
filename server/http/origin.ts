import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { LargeBody } from './largeBodies.ts';
import { Refusal } from '#core/refusal.ts';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a browser on this origin may speak to us: only the address that people use. Without one
 * it is `http://localhost:PORT`, and then the other spellings of this machine are the same.
 */
export function originRule(publicUrl: string): (origin: string) => boolean {
	const own = new URL(publicUrl);
	const allowed = new Set([own.origin]);
	if (own.hostname === 'localhost') {
		for (const host of loopback) {
			const port = own.port ? `:${own.port}` : '';
			allowed.add(`${own.protocol}//${host}${port}`);
		}
	}
	return (origin) => allowed.has(origin);
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps other sites from acting for somebody who is signed in. A request that changes something
 * names no foreign origin; one that comes with a cookie proves that it comes from here.
 */
export function onlyOwnOrigin(isOwnOrigin: (origin: string) => boolean): MiddlewareHandler {
	return async (c, next) => {
		if (!safeMethods.has(c.req.method) && !comesFromHere(c.req.raw.headers, isOwnOrigin)) {
			throw new Refusal('forbidden', 'Requests from this origin are not allowed.');
		}
		await next();
	};
}

function comesFromHere(headers: Headers, isOwnOrigin: (origin: string) => boolean): boolean {
	const origin = headers.get('origin');
	if (origin !== null) return isOwnOrigin(origin);
	const site = headers.get('sec-fetch-site');
	if (site !== null) return site === 'same-origin' || site === 'none';
	return headers.has('authorization') || !headers.has('cookie');
}

/**
 * A body is JSON in UTF-8, or of the types that a route takes: forms of other sites can send none of them
 * without being asked for it first.
 */
export function onlyJson(large: ReadonlyMap<string, LargeBody>): MiddlewareHandler {
	return async (c, next) => {
		const type = c.req.header('content-type');
		const wanted = large.get(c.req.path)?.types ?? ['application/json'];
		const [essence = '', ...parameters] = (type ?? '').toLowerCase().split(';');
		if (
			!safeMethods.has(c.req.method) &&
			!wanted.includes(essence.trim()) &&
			(type !== undefined || hasBody(c.req.raw.headers))
		) {
			throw new HTTPException(415, { message: `The body must be ${wanted.join(' or ')}.` });
		}
		if (parameters.some((one) => /^\s*charset=(?!"?utf-8"?\s*$)/.test(one))) {
			throw new HTTPException(400, { message: 'The body must be UTF-8.' });
		}
		await next();
	};
}

/** As RFC 9112 §6.3 has it: one of these headers announces a body. */
function hasBody(headers: Headers): boolean {
	return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
}
