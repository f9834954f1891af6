import * as encoding from 'lib0/encoding';
import { colourOf } from '#core/people.ts';
import { limits } from '#server/limits.ts';
import { awarenessFrame, type Frame } from './frames.ts';
import { Malformed, Reader } from './gate/reader.ts';
import type { HotDocument } from './hot.ts';
import type { Peer } from './peer.ts';

interface Caret {
	readonly client: number;
	readonly clock: number;
	/** JSON of the state as peers get it, `null` when the caret is gone. */
	readonly state: string;
}

/**
 * Who has the caret where (y-protocols' awareness). Kept per connection, never in the document;
 * the name beside a caret is the server's, whatever the client says.
 */
export class Carets {
	readonly #carets = new Map<Peer, Caret>();

	/** Takes a peer's own state and gives the frame for the others, or null. Throws `Malformed`. */
	take(peer: Peer, bytes: Uint8Array, hot: HotDocument): Frame | null {
		const own = readCarets(bytes).find((caret) => belongsTo(caret.client, peer, hot));
		if (!own || own.state.length > limits.caretBytes) return null;
		const before = this.#carets.get(peer);
		if (before && before.clock >= own.clock && own.state !== 'null') return null;
		peer.caretClient = own.client;
		hot.clients.set(own.client, peer.info.person.id);
		const caret = { ...own, state: stamped(own.state, peer) };
		if (caret.state === 'null') this.#carets.delete(peer);
		else this.#carets.set(peer, caret);
		return awarenessFrame(encodeCarets([caret]));
	}

	/** Everybody's caret, for somebody who joins. */
	all(except: Peer): Frame | null {
		const others = Array.from(this.#carets).filter(([peer]) => peer !== except);
		if (others.length === 0) return null;
		return awarenessFrame(encodeCarets(others.map(([, caret]) => caret)));
	}

	/** The peer is gone: the frame that says so, or null if it had no caret. */
	leave(peer: Peer): Frame | null {
		const caret = this.#carets.get(peer);
		if (!caret) return null;
		this.#carets.delete(peer);
		return awarenessFrame(encodeCarets([{ ...caret, clock: caret.clock + 1, state: 'null' }]));
	}
}

/** What keeps stock clients from giving up a silent connection: an awareness message about nobody. */
export const heartbeatFrame = awarenessFrame(encodeCarets([]));

function belongsTo(client: number, peer: Peer, hot: HotDocument): boolean {
	if (peer.caretClient !== null) return client === peer.caretClient;
	const owner = hot.ownerOf(client);
	return owner === null || owner === peer.info.person.id;
}

function readCarets(bytes: Uint8Array): Caret[] {
	const reader = new Reader(bytes);
	const carets: Caret[] = [];
	for (let left = reader.varUint(); left > 0; left--) {
		carets.push({ client: reader.varUint(), clock: reader.varUint(), state: reader.varString() });
	}
	reader.end();
	return carets;
}

function stamped(state: string, peer: Peer): string {
	const value = parse(state);
	if (value === null) return 'null';
	const { id, name } = peer.info.person;
	return JSON.stringify({ ...value, user: { id, name, color: colourOf(id) } });
}

function parse(state: string): object | null {
	try {
		const value: unknown = JSON.parse(state);
		if (value === null || (typeof value === 'object' && !Array.isArray(value))) return value;
	} catch {
		// Answered below: a state that is no JSON is as wrong as one that is no object.
	}
	throw new Malformed('A caret is not a JSON object.');
}

function encodeCarets(carets: readonly Caret[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, carets.length);
		for (const { client, clock, state } of carets) {
			encoding.writeVarUint(encoder, client);
			encoding.writeVarUint(encoder, clock);
			encoding.writeVarString(encoder, state);
		}
	});
}
