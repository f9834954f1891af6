import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import type { Address } from './client.ts';

/**
 * The provider that everybody uses, as it is: no acknowledgements, reconnecting by itself.
 * Without `disableBc` two of them in one process would meet behind the server's back.
 */
export function stockProvider(options: Address & { readonly doc: Y.Doc }): WebsocketProvider {
	class Authorized extends WebSocket {
		constructor(url: string) {
			super(url, { headers: { Authorization: `Bearer ${options.token}` } });
		}
	}
	return new WebsocketProvider(options.syncUrl, options.incident, options.doc, {
		disableBc: true,
		maxBackoffTime: 200,
		WebSocketPolyfill: Authorized as unknown as typeof globalThis.WebSocket,
	});
}
