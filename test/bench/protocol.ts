import * as encoding from 'lib0/encoding';

/** How a target is spoken to. */
export type Protocol = 'y-websocket' | 'hocuspocus' | 'relay';

/** What a client of a target sends and recognises, as bytes, so that the load is light. */
export interface Wire {
	/** Sent when the socket is open. */
	readonly hello: readonly Uint8Array[];
	/** Sent when the server asks for what the client has: nothing. Null if it never asks. */
	readonly answer: Uint8Array | null;
	/** An update, framed. */
	edit(update: Uint8Array): Uint8Array;
	/** What a message is to the load; anything else may hold edits. */
	kindOf(data: Buffer): 'asks' | 'welcome' | 'ack' | 'other';
}

const sync = 0;
const auth = 2;
const ack = 100;
const [step1, step2, update] = [0, 1, 2];
const emptyVector = Uint8Array.of(0);
const emptyUpdate = Uint8Array.of(0, 0);

/** The wire of a protocol; Hocuspocus puts the room's name before each message. */
export function wireOf(protocol: Protocol, room: string): Wire {
	const prefix =
		protocol === 'hocuspocus'
			? encoding.encode((encoder) => encoding.writeVarString(encoder, room))
			: new Uint8Array();
	const frame = (...parts: (number | Uint8Array | string)[]) => framed(prefix, parts);
	const ask = frame(sync, step1, emptyVector);
	const hello: Record<Protocol, readonly Uint8Array[]> = {
		'y-websocket': [ask],
		hocuspocus: [frame(auth, 0, 'token', '4.7.0'), ask],
		relay: [],
	};
	return {
		hello: hello[protocol],
		answer: protocol === 'relay' ? null : frame(sync, step2, emptyUpdate),
		edit: (bytes) => frame(sync, update, bytes),
		kindOf(data) {
			const [type, kind] = [data[prefix.length], data[prefix.length + 1]];
			if (type === ack) return 'ack';
			if (type !== sync) return 'other';
			return kind === step1 ? 'asks' : kind === step2 ? 'welcome' : 'other';
		},
	};
}

function framed(prefix: Uint8Array, parts: readonly (number | Uint8Array | string)[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeUint8Array(encoder, prefix);
		for (const part of parts) {
			if (typeof part === 'number') encoding.writeVarUint(encoder, part);
			else if (typeof part === 'string') encoding.writeVarString(encoder, part);
			else encoding.writeVarUint8Array(encoder, part);
		}
	});
}
