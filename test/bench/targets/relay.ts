import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

// The floor: every message goes to everybody else as it is, and nothing is understood or kept.

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
	socket.on('message', (data: Buffer) => {
		for (const other of server.clients) {
			if (other !== socket && other.readyState === WebSocket.OPEN) other.send(data);
		}
	});
});
server.on('listening', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
