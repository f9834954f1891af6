import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { Allowance } from '#server/allowance.ts';
import { limits } from '#server/limits.ts';
import { closeCodes } from './closeCodes.ts';

/** Websockets whose messages come in a bounded number of pieces, and whose end is not waited for long. */
export class BoundedSockets extends WebSocketServer {
	constructor(options: ServerOptions) {
		const closing = { closeTimeout: limits.closeMs }; // not in the types of ws yet
		super({
			...options,
			...closing,
			perMessageDeflate: false,
			maxFragments: limits.messageFragments,
			maxBufferedChunks: limits.bufferedChunks,
		});
	}

	override handleUpgrade(...upgrade: Parameters<WebSocketServer['handleUpgrade']>): void {
		const [request, socket, head, take] = upgrade;
		super.handleUpgrade(request, socket, head, (ws) => {
			limitPings(ws);
			take(ws, request);
		});
	}
}

/** `ws` answers pings itself, so they cost us something that nobody else counts. */
function limitPings(ws: WebSocket): void {
	const allowance = new Allowance(limits.pings, performance.now());
	const heard = (): void => {
		if (ws.readyState === ws.OPEN && !allowance.take(performance.now())) {
			ws.close(closeCodes.tooMany, 'These are too many pings at once (rate).');
			ws.resume();
		}
	};
	ws.on('ping', heard).on('pong', heard);
}
