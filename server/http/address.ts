import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** In which header parts of Muster tell each other where a request comes from; a client's is overwritten. */
export const addressHeader = 'x-muster-address';

/** Tells where a request comes from. */
export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Where requests come from behind so many proxies of ours. Each writes whom it was asked by at the end of
 * `X-Forwarded-For`; what stands before that is the client's own word, and worth nothing.
 */
export function addressRule(proxies: number): AddressOf {
	return ({ headers, socket }) => {
		const own = socket.remoteAddress ?? '';
		if (proxies === 0) return own;
		const written = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
		const address = withoutPort(written.at(-proxies)?.trim() ?? '');
		return isIP(address) ? address : own;
	};
}

/** Some load balancers write `203.0.113.5:41000` and `[2001:db8::1]:41000`. */
function withoutPort(text: string): string {
	return /^\[(.+)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}
