import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { servePeer, startPeer, type Door, type Target } from '../target.ts';

/** The floor: passes every message on to the others in the room and knows nothing of it. */
export async function startRelay(): Promise<Target> {
	const peer = await startPeer(import.meta.filename);
	let rooms = 0;
	return {
		name: 'Relay',
		pid: peer.pid,
		async open(people) {
			const url = `ws://127.0.0.1:${peer.port}/${++rooms}`;
			return Array.from({ length: people }, () => doorTo(url));
		},
		[Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
	};
}

function doorTo(url: string): Door {
	return {
		url,
		headers: {},
		hello: [],
		frame: (update) => update,
		read: (bytes) => (bytes.length === 0 ? { kind: 'welcome' } : { kind: 'update', bytes }),
	};
}

async function serve(): Promise<void> {
	const http = createServer().listen(0, '127.0.0.1');
	await once(http, 'listening');
	const rooms = new Map<string, Set<WebSocket>>();
	const server = new WebSocketServer({ server: http, perMessageDeflate: false });
	server.on('connection', (ws: WebSocket, { url = '' }: IncomingMessage) => {
		const room = rooms.get(url) ?? new Set();
		rooms.set(url, room.add(ws));
		ws.on('message', (data: Buffer) => {
			for (const other of room) {
				if (other !== ws && other.readyState === WebSocket.OPEN) other.send(data);
			}
		});
		ws.on('close', () => room.delete(ws));
		ws.send(new Uint8Array());
	});
	servePeer((http.address() as AddressInfo).port);
}

if (import.meta.main) await serve();
