import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { addressHeader, type AddressOf } from './address.ts';

/** Answers one request; what it does not know is a page. */
export type Door = (request: IncomingMessage, response: ServerResponse) => void;
/** Answers one upgrade to a websocket. */
export type UpgradeDoor = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Something that answers a `Request` with a `Response`, knowing where it comes from. */
export interface Fetcher {
	fetch(request: Request, from: { address: string }): Response | Promise<Response>;
}

export interface HttpParts {
	readonly api: Fetcher;
	/** `/healthz`, `/readyz` and `/metrics`. */
	readonly health: Fetcher;
	readonly pages: Door;
	readonly sync: UpgradeDoor;
	readonly addressOf: AddressOf;
	/** The pages' own websockets, which only Vite has while developing. */
	readonly pagesUpgrade: UpgradeDoor | null;
}

const healthPaths = new Set(['/healthz', '/readyz', '/metrics']);
const socketPaths = '/socket.io/';

/** An HTTP server that answers nothing yet, with limits on how slowly somebody may ask. */
export function bareServer(): Server {
	return createServer({
		maxHeaderSize: 16 * 1024,
		headersTimeout: 15_000,
		requestTimeout: 30_000,
		// How often Node looks whether these two are over.
		connectionsCheckingInterval: 5_000,
		keepAliveTimeout: 10_000,
	});
}

/** All doors on one port: API, health, pages, and the live documents. socket.io joins by itself. */
export function openDoors(server: Server, parts: HttpParts): void {
	const { addressOf } = parts;
	const api = listenerOf(parts.api, addressOf);
	const health = listenerOf(parts.health, addressOf);
	server.on('request', (request: IncomingMessage, response: ServerResponse) => {
		const path = pathOf(request);
		if (path.startsWith(socketPaths)) return;
		response.setHeader('X-Content-Type-Options', 'nosniff');
		response.setHeader('Referrer-Policy', 'same-origin');
		if (path.startsWith('/api/')) void api(request, response);
		else if (healthPaths.has(path)) void health(request, response);
		else {
			request.headers[addressHeader] = addressOf(request);
			parts.pages(request, response);
		}
	});
	server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		const path = pathOf(request);
		if (path.startsWith('/sync/')) parts.sync(request, socket, head);
		else if (!path.startsWith(socketPaths)) {
			if (parts.pagesUpgrade) parts.pagesUpgrade(request, socket, head);
			else refuse(socket);
		}
	});
}

function listenerOf(door: Fetcher, addressOf: AddressOf) {
	return getRequestListener((request, { incoming }) =>
		door.fetch(request, { address: addressOf(incoming) }),
	);
}

function pathOf(request: IncomingMessage): string {
	return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function refuse(socket: Duplex): void {
	socket.on('error', () => socket.destroy());
	socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
