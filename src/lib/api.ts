import { resolve } from '$app/paths';
import { error, redirect } from '@sveltejs/kit';

/** What a load function brings: its `fetch`, and the address that was asked for. */
interface Asker {
	readonly fetch: typeof fetch;
	readonly url: URL;
}

interface ApiError {
	readonly code: string;
	readonly message: string;
	readonly field?: string;
	readonly requestId?: string;
}

/** What the API said to a request that changes something: its answer, or a sentence for the person. */
export type Reply<T> =
	| { readonly ok: true; readonly value: T }
	| {
			readonly ok: false;
			readonly status: number;
			readonly message: string;
			readonly field?: string;
	  };

/** What nobody may see and what does not exist look the same. */
export const notFound = 'There is nothing here, or it is not for you.';

/**
 * Reads from the API for a page. Somebody who is not signed in goes to the sign-in and comes back;
 * everything else that is no success becomes the error page.
 */
export async function readApi<T>(asker: Asker, path: string): Promise<T> {
	const response = await asker.fetch(`/api/v1${path}`);
	if (response.ok) return (await response.json()) as T;
	if (response.status === 401) return signInFirst(asker.url);
	if (response.status === 403 || response.status === 404) error(404, notFound);
	const { message, requestId } = await errorOf(response);
	error(response.status, {
		message,
		at: Date.now(),
		...(requestId === undefined ? {} : { id: requestId }),
	});
}

/** Sends somebody to the sign-in, from where they come back to this address. */
export function signInFirst(url: URL): never {
	const next = url.pathname + url.search;
	redirect(
		303,
		next === '/' ? resolve('/login') : `${resolve('/login')}?next=${encodeURIComponent(next)}`,
	);
}

/** Asks the API to change something, for a form action or a button. */
export async function sendApi<T>(
	fetcher: typeof fetch,
	route: `${'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
	body?: object,
): Promise<Reply<T>> {
	const [method = '', path = ''] = route.split(' ');
	const response = await fetcher(`/api/v1${path}`, {
		method,
		...(body === undefined
			? {}
			: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
	}).catch(() => null);
	if (!response) {
		return { ok: false, status: 503, message: 'Muster cannot be reached. Try again in a moment.' };
	}
	if (response.ok) return { ok: true, value: (await valueOf(response)) as T };
	const { message, field } = await errorOf(response);
	return { ok: false, status: response.status, message, ...(field === undefined ? {} : { field }) };
}

async function valueOf(response: Response): Promise<unknown> {
	return response.status === 204 ? null : response.json().catch(() => null);
}

async function errorOf(response: Response): Promise<ApiError> {
	const body = (await response.json().catch(() => null)) as { error?: ApiError } | null;
	return (
		body?.error ?? {
			code: 'unavailable',
			message: 'Muster does not answer as it should. Try again in a moment.',
		}
	);
}

/** Where to go after signing in: a path of this site, or the board for anything else. */
export function safeNext(next: string | null): string {
	if (!next?.startsWith('/') || /^\/[/\\]|[\\\p{Cc}]/u.test(next)) return '/';
	return next;
}
