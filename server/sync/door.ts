import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { documentOf, isIncidentId, type DocumentId } from '#core/ids.ts';
import { isUnderstood, whyOutdated } from '#core/protocol.ts';
import { Refusal } from '#core/refusal.ts';
import { may, type Person } from '#core/response/access.ts';
import { Allowances } from '#server/allowance.ts';
import { networkOf } from '#server/auth/guesses.ts';
import type { AddressOf } from '#server/http/address.ts';
import { closeCodes } from '#server/http/closeCodes.ts';
import { statuses } from '#server/http/statuses.ts';
import { BoundedSockets } from '#server/http/webSockets.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { PeerInfo } from './peers/peer.ts';
import { webSocketWire } from './peers/wire.ts';
import type { Rooms } from './rooms.ts';

export interface SyncDoorParts {
	readonly rooms: Rooms;
	readonly log: Logger;
	/** Who asks: by session cookie or bearer token; null if nobody. Throws while the store is away. */
	readonly identify: (
		headers: IncomingMessage['headers'],
	) => Promise<{ person: Person; session: string | null } | null>;
	readonly addressOf: AddressOf;
	/** Whether a browser on this origin may speak to us. */
	readonly isOwnOrigin: (origin: string) => boolean;
	/** Whether there is such a document. Throws while the store is away. */
	readonly isKnown: (document: DocumentId) => Promise<boolean>;
}

/** The door of the live documents. Disposed, it ends the sockets that do not end by themselves. */
export interface SyncDoor extends AsyncDisposable {
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * The door of the live documents, `/sync/<incidentId>` and `/sync/<incidentId>/retro`: plain y-websocket. Refusals are HTTP answers
 * before the upgrade; a browser cannot read them, so our client asks the API why.
 */
export function syncDoor(parts: SyncDoorParts): SyncDoor {
	const server = new BoundedSockets({ noServer: true, maxPayload: limits.messageBytes });
	const strangers = new Allowances<string>(limits.strangers, limits.strangersKnown);
	let lookedUp = 0;
	return {
		upgrade(request, socket, head) {
			socket.on('error', () => socket.destroy());
			if (lookedUp >= limits.upgradesAtOnce) return refuseUpgrade(parts, request, tooManyAtOnce());
			lookedUp += 1;
			const since = performance.now();
			lookUp(parts, request, strangers)
				.finally(() => (lookedUp -= 1))
				.then(({ document, version, ...info }) => {
					if (!socket.writable) return;
					const { person, session } = info;
					if (!isUnderstood(version)) {
						const refusal = new Refusal('outdated', whyOutdated);
						parts.rooms.refusals.note(refusal, { document, person: person.id });
						return server.handleUpgrade(request, socket, head, sendAway);
					}
					parts.rooms.sockets.admit({ document, person: person.id, session, since });
					server.handleUpgrade(request, socket, head, (ws) => {
						parts.rooms.connect(webSocketWire(ws, request.socket), document, info);
					});
				})
				.catch((error: unknown) => refuseUpgrade(parts, request, error));
		},
		async [Symbol.asyncDispose]() {
			const farewell = setTimeout(() => {
				for (const ws of server.clients) ws.terminate();
			}, limits.farewellMs);
			await new Promise((resolve) => server.close(resolve));
			clearTimeout(farewell);
		},
	};
}

/** Finds out who wants to come in, and where to; who has to wait for that too long is refused meanwhile. */
async function lookUp(
	parts: SyncDoorParts,
	request: IncomingMessage,
	strangers: Allowances<string>,
): Promise<PeerInfo & { readonly document: DocumentId; readonly version: string | null }> {
	const patience = setTimeout(() => {
		refuseUpgrade(parts, request, new Refusal('unavailable', 'The store does not answer.'));
	}, limits.upgradeMs);
	try {
		return await admit(parts, request, strangers);
	} finally {
		clearTimeout(patience);
	}
}

async function admit(
	parts: SyncDoorParts,
	request: IncomingMessage,
	strangers: Allowances<string>,
) {
	const url = new URL(request.url ?? '/', 'http://muster');
	const { origin, authorization } = request.headers;
	const hasToken = authorization !== undefined;
	if (origin === undefined ? !hasToken : !parts.isOwnOrigin(origin)) {
		throw new Refusal('forbidden', 'Requests from this origin are not allowed.');
	}
	const identity = await parts.identify(request.headers);
	if (!identity) throw strangerRefusal(parts.addressOf(request), strangers);
	const document = may(identity.person, 'read', null) ? documentAt(url.pathname) : null;
	if (!document || !(await parts.isKnown(document))) {
		throw new Refusal('unknown', 'There is no such incident.');
	}
	return {
		document,
		person: identity.person,
		session: identity.session,
		mayWrite: may(identity.person, 'edit', { isSealed: false }),
		wantsAck: url.searchParams.get('ack') === '1',
		conn: randomUUID(),
		version: url.searchParams.get('v'),
	};
}

/** The document that an address names, or null. */
function documentAt(pathname: string): DocumentId | null {
	const [, , id = '', ...rest] = pathname.split('/');
	if (!isIncidentId(id)) return null;
	if (rest.length === 0) return documentOf(id, 'room');
	return rest.join('/') === 'retro' ? documentOf(id, 'retro') : null;
}

/** A browser reads the code of a close, but not the answer to a refused upgrade. */
function sendAway(ws: WebSocket): void {
	ws.on('error', () => ws.terminate());
	ws.close(closeCodes.outdated, whyOutdated);
}

function tooManyAtOnce(): Refusal {
	return new Refusal('unavailable', 'Too many come at once. Try again in a moment.', 'upgrades');
}

/** Nobody is signed in: said so a number of times, then for a while not even that. */
function strangerRefusal(address: string, strangers: Allowances<string>): Refusal {
	return strangers.take(networkOf(address), performance.now())
		? new Refusal('signedOut', 'Sign in first.')
		: new Refusal('tooMany', 'Too many tries without being signed in. Wait a moment.', 'strangers');
}

function refuseUpgrade(parts: SyncDoorParts, request: IncomingMessage, error: unknown): void {
	const { socket } = request;
	const refusal =
		error instanceof Refusal
			? error
			: new Refusal('unavailable', 'Muster cannot reach its store right now.');
	if (refusal !== error) parts.log.error({ err: error }, 'upgrade failed');
	if (!socket.writable) return;
	parts.rooms.refusals.note(refusal, { address: parts.addressOf(request) });
	const { code, message } = refusal;
	const body = JSON.stringify({ error: { code, message } });
	socket.end(
		`HTTP/1.1 ${statuses[refusal.code]} Refused\r\n` +
			'Content-Type: application/json\r\nConnection: close\r\n' +
			`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	);
	// Whoever does not close its end would stay for ever.
	setTimeout(() => socket.destroy(), limits.closeMs).unref();
}
