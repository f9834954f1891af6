import type { Cookies, Handle, HandleFetch, HandleServerError } from '@sveltejs/kit';

/** Pages hold what one person may see: no cache keeps them. */
export const handle: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
	return response;
};

/** A page's `fetch('/api/v1/…')` is answered in this process, for the person who asked for the page. */
export const handleFetch: HandleFetch = async ({ event, request, fetch }) => {
	const url = new URL(request.url);
	const api = globalThis.musterApi;
	if (!api || url.origin !== event.url.origin || !url.pathname.startsWith('/api/v1/')) {
		return fetch(request);
	}
	const headers = new Headers(request.headers);
	for (const name of ['cookie', 'origin', 'user-agent', 'accept-language']) {
		const value = event.request.headers.get(name);
		if (value !== null && !headers.has(name)) headers.set(name, value);
	}
	const response = await api(new Request(request, { headers }), {
		address: event.getClientAddress(),
	});
	for (const line of response.headers.getSetCookie()) passOn(line, event.cookies);
	return response;
};

/** Hands a cookie that the API set (RFC 6265) to the browser that asked for the page. */
function passOn(line: string, cookies: Cookies): void {
	const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
	const [name, value] = halves(pair);
	const options: Parameters<Cookies['set']>[2] = { path: '/', httpOnly: false, secure: false };
	for (const attribute of attributes) {
		const [key, text] = halves(attribute);
		switch (key.toLowerCase()) {
			case 'path':
				options.path = text;
				break;
			case 'domain':
				options.domain = text;
				break;
			case 'max-age':
				options.maxAge = Number(text);
				break;
			case 'expires':
				options.expires = new Date(text);
				break;
			case 'httponly':
				options.httpOnly = true;
				break;
			case 'secure':
				options.secure = true;
				break;
			case 'samesite':
				options.sameSite = text.toLowerCase() as 'lax' | 'strict' | 'none';
				break;
		}
	}
	cookies.set(name, value, { ...options, encode: (text) => text });
}

function halves(text: string): [string, string] {
	const at = text.indexOf('=');
	return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A fault, unlike a wrong request, gets an id for page and log; its details stay in the log. */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
	if (status < 500) return { message };
	const id = crypto.randomUUID().slice(0, 8);
	const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
	console.error(
		JSON.stringify({ msg: 'a page failed', id, route: event.route.id, status, err: cause }),
	);
	return { message: 'Something went wrong on our side.', id, at: Date.now() };
};
