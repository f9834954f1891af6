import * as encoding from 'lib0/encoding';
import { limits } from '#server/limits.ts';
import { Malformed, Reader } from '../gate/reader.ts';

/** The y-websocket protocol's message types; 100 is ours. */
export const messageTypes = {
	sync: 0,
	awareness: 1,
	auth: 2,
	queryAwareness: 3,
	ack: 100,
} as const;
const syncTypes = { step1: 0, step2: 1, update: 2 } as const;

/** A message from a client, framed but not yet looked into. */
export type Message =
	| { readonly kind: 'step1'; readonly stateVector: Uint8Array }
	| { readonly kind: 'step2' | 'update'; readonly bytes: Uint8Array }
	| { readonly kind: 'awareness'; readonly bytes: Uint8Array }
	| { readonly kind: 'queryAwareness' }
	| { readonly kind: 'ignored' };

/** Reads one binary message of the y-websocket protocol. Throws `Malformed`. */
export function readMessage(bytes: Uint8Array): Message {
	const reader = new Reader(bytes);
	const message = readBody(reader);
	reader.end();
	return message;
}

function readBody(reader: Reader): Message {
	switch (reader.varUint()) {
		case messageTypes.sync:
			return readSync(reader);
		case messageTypes.awareness:
			return { kind: 'awareness', bytes: reader.varBytes() };
		case messageTypes.queryAwareness:
			return { kind: 'queryAwareness' };
		case messageTypes.auth:
			reader.skip(reader.left);
			return { kind: 'ignored' };
		default:
			throw new Malformed('The message is of no known kind.');
	}
}

function readSync(reader: Reader): Message {
	switch (reader.varUint()) {
		case syncTypes.step1:
			return { kind: 'step1', stateVector: readStateVector(reader.varBytes()) };
		case syncTypes.step2:
			return { kind: 'step2', bytes: reader.varBytes() };
		case syncTypes.update:
			return { kind: 'update', bytes: reader.varBytes() };
		default:
			throw new Malformed('The message is of no known kind.');
	}
}

function readStateVector(bytes: Uint8Array): Uint8Array {
	const reader = new Reader(bytes);
	const entries = reader.varUint();
	if (entries > limits.stateVectorEntries) throw new Malformed('The state vector is too long.');
	for (let left = entries; left > 0; left--) {
		reader.varUint();
		reader.varUint();
	}
	reader.end();
	return bytes;
}

/**
 * A message of the protocol as a whole websocket frame, made once for all who get it: `ws` would
 * make each of them a header of its own and write it as a piece of its own.
 */
export type Frame = Buffer;

function frame(...parts: (number | Uint8Array)[]): Frame {
	const message = encoding.encode((encoder) => {
		for (const part of parts) {
			if (typeof part === 'number') encoding.writeVarUint(encoder, part);
			else encoding.writeVarUint8Array(encoder, part);
		}
	});
	return Buffer.concat([headerOf(message.length), message]);
}

/** The header of an unmasked binary message in one frame (RFC 6455 §5.2). */
function headerOf(length: number): Buffer {
	const sizeBytes = length < 126 ? 0 : length < 2 ** 16 ? 2 : 8;
	const header = Buffer.allocUnsafe(2 + sizeBytes);
	header[0] = 0x82; // binary, and whole
	header[1] = sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127;
	if (sizeBytes === 2) header.writeUInt16BE(length, 2);
	if (sizeBytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
	return header;
}

/** Asks a peer for what this state vector lacks. */
export function step1Frame(stateVector: Uint8Array): Frame {
	return frame(messageTypes.sync, syncTypes.step1, stateVector);
}

/** Answers step 1: what the asker lacks. */
export function step2Frame(update: Uint8Array): Frame {
	return frame(messageTypes.sync, syncTypes.step2, update);
}

/** Tells a peer what changed. */
export function updateFrame(update: Uint8Array): Frame {
	return frame(messageTypes.sync, syncTypes.update, update);
}

/** Tells a peer where others have the caret, or that they are gone. */
export function awarenessFrame(update: Uint8Array): Frame {
	return frame(messageTypes.awareness, update);
}

/** Says that a connection's first `count` messages of kind *step 2* and *update* are committed. */
export function ackFrame(count: number): Frame {
	return frame(messageTypes.ack, count);
}
