import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerOptions, Server, Socket } from 'socket.io';
import { isUnderstood, whyOutdated } from '#core/protocol.ts';
import { Refusal } from '#core/refusal.ts';
import { Allowance } from '#server/allowance.ts';
import type { Identity } from '#server/auth/identity.ts';
import { BoundedSockets } from '#server/http/webSockets.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { NodeEvents, ServerEvents } from './events.ts';

/** What a socket keeps: who it is. */
export interface SocketData {
	identity: Identity;
}

export type PresenceServer = Server<Record<string, never>, ServerEvents, NodeEvents, SocketData>;
export type PresenceSocket = Socket<Record<string, never>, ServerEvents, NodeEvents, SocketData>;

type Connection = PresenceSocket['conn'];

export interface DoorParts {
	readonly log: Logger;
	/** Who asks: by session cookie or bearer token; null if nobody. Throws while the store is away. */
	readonly identify: (headers: IncomingHttpHeaders) => Promise<Identity | null>;
	/** Whether a browser on this origin may speak to us. */
	readonly isOwnOrigin: (origin: string) => boolean;
}

/**
 * How socket.io is set up: websockets only, no file served, nobody else's upgrade ended, and an
 * origin checked, as CORS does not cover websockets. A refused origin reads HTTP 403.
 */
export function socketOptions({ isOwnOrigin }: DoorParts): Partial<ServerOptions> {
	return {
		transports: ['websocket'],
		serveClient: false,
		destroyUpgrade: false,
		maxHttpBufferSize: limits.presenceBytes,
		pingInterval: limits.presencePingMs,
		pingTimeout: limits.presencePongMs,
		connectTimeout: limits.presenceConnectMs,
		wsEngine: BoundedSockets,
		allowRequest(request, allow) {
			if (comesFromHere(request.headers, isOwnOrigin)) allow(null, true);
			else refuseUpgrade(request);
		},
	};
}

function comesFromHere(
	{ origin, authorization }: IncomingHttpHeaders,
	isOwnOrigin: (origin: string) => boolean,
): boolean {
	return origin === undefined ? authorization !== undefined : isOwnOrigin(origin);
}

/** Told to refuse, engine.io would answer 400. */
function refuseUpgrade({ socket }: IncomingMessage): void {
	const message = 'Requests from this origin are not allowed.';
	const body = JSON.stringify({ error: { code: 'forbidden', message } });
	socket.on('error', () => socket.destroy());
	socket.end(
		'HTTP/1.1 403 Refused\r\nContent-Type: application/json\r\nConnection: close\r\n' +
			`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	);
}

/**
 * Lets in who can say who they are. Whoever cannot is told so for good; while the store is away the
 * connection ends, so that the client comes back by itself. Disposed, it lets nobody in any more, ends
 * all connections, and cuts off who does not say farewell in time.
 */
export function guardDoor(io: PresenceServer, { identify, log }: DoorParts): AsyncDisposable {
	const asking = new WeakSet<object>();
	const wires = new Set<NetSocket>();
	io.engine.on('connection', (conn: Connection) => {
		limitPackets(conn);
		const { socket } = conn.request;
		wires.add(socket);
		socket.once('close', () => wires.delete(socket));
	});
	io.use((socket, next) => {
		const { conn, handshake } = socket;
		if (!isUnderstood(versionIn(handshake.query))) {
			return next(refused(new Refusal('outdated', whyOutdated)));
		}
		if (asking.has(conn)) return void conn.close(); // One question at a time: each asks the store.
		asking.add(conn);
		identify(socket.request.headers)
			.then(
				(identity) => {
					if (!identity) return next(refused(new Refusal('signedOut', 'Sign in first.')));
					socket.data.identity = identity;
					next();
				},
				(error: unknown) => {
					log.warn({ err: error }, 'presence cannot tell who asks');
					conn.close();
				},
			)
			.finally(() => asking.delete(conn));
	});
	return { [Symbol.asyncDispose]: () => endWires(io, wires) };
}

/** Said twice, it is none that we know. */
function versionIn({ v }: PresenceSocket['handshake']['query']): string | null {
	return Array.isArray(v) ? '' : (v ?? null);
}

/** Packets of any kind count, from the first byte on; far beyond what events may be sent, the connection ends. */
function limitPackets(conn: Connection): void {
	const { burst, perSecond } = limits.presenceEvents;
	const allowed = { burst: 5 * burst, perSecond: 5 * perSecond };
	const allowance = new Allowance(allowed, performance.now());
	conn.on('packet', () => {
		if (!allowance.take(performance.now())) conn.close();
	});
}

async function endWires(io: PresenceServer, wires: ReadonlySet<NetSocket>): Promise<void> {
	const closed = Array.from(wires, (wire) => once(wire, 'close'));
	io.engine.close();
	await Promise.race([Promise.allSettled(closed), pause(limits.farewellMs, null, { ref: false })]);
	for (const wire of wires) wire.destroy();
}

/** A refusal in the form in which socket.io tells it: `connect_error` with `data.code`. */
function refused({ code, message }: Refusal): Error {
	return Object.assign(new Error(message), { data: { code, message } });
}
