import type { RawUpgrade, FrameParts } from '../rawUpgrade.ts';
import { times } from './hostile.ts';

/** What somebody does to a websocket, and with which code it ends; null for none. */
export interface BadWire {
	readonly does: (wire: RawUpgrade) => void;
	readonly code: number | null;
	/** Nothing more comes from it: the server must notice by itself. */
	readonly isSilent?: true;
}

const op = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const mib = 2 ** 20;
const notUtf8 = Uint8Array.of(0x68, 0xff, 0x69);
const halfACharacter = Uint8Array.of(0xe2, 0x82);

function frames(code: number, ...parts: readonly FrameParts[]): BadWire {
	return { does: (wire) => wire.send(...parts), code };
}

function closeWith(code: number, farewell: number, reason: Uint8Array | string = ''): BadWire {
	const payload = Buffer.concat([
		Uint8Array.of(farewell >> 8, farewell & 255),
		Buffer.from(reason),
	]);
	return frames(code, { opcode: op.close, payload });
}

/** A frame of a claimed length, of which some bytes come. */
function claim(bytes: 2 | 8, value: bigint, payload: Uint8Array = new Uint8Array()): FrameParts {
	return { opcode: op.binary, length: { bytes, value }, payload };
}

const bytes = (...list: readonly number[]) => Uint8Array.from(list);
const begin = { opcode: op.text, isFinal: false, payload: 'a' };
const half = claim(2, 1_000n, new Uint8Array(100));

/** What RFC 6455 forbids, and wires that break where they may not. */
export const badWires: Readonly<Record<string, BadWire>> = {
	'the first reserved bit': frames(1002, { opcode: op.binary, reserved: 4 }),
	'the second reserved bit': frames(1002, { opcode: op.binary, reserved: 2 }),
	'the third reserved bit': frames(1002, { opcode: op.binary, reserved: 1 }),
	'a reserved bit in a ping': frames(1002, { opcode: op.ping, reserved: 4 }),
	'an unknown kind of message': frames(1002, { opcode: 3 }),
	'the last unknown kind of message': frames(1002, { opcode: 7 }),
	'an unknown kind of control frame': frames(1002, { opcode: 11 }),
	'the last unknown kind of control frame': frames(1002, { opcode: 15 }),
	'a frame without a mask': frames(1002, { opcode: op.binary, isMasked: false, payload: 'a' }),
	'a ping without a mask': frames(1002, { opcode: op.ping, isMasked: false }),
	'a ping of 126 bytes': frames(1002, { opcode: op.ping, payload: new Uint8Array(126) }),
	'a close of 126 bytes': frames(1002, { opcode: op.close, payload: new Uint8Array(126) }),
	'a pong with a length of eight bytes': frames(1002, {
		opcode: op.pong,
		length: { bytes: 8, value: 1n },
		payload: 'a',
	}),
	'a ping in pieces': frames(1002, { opcode: op.ping, isFinal: false }),
	'a close in pieces': frames(1002, { opcode: op.close, isFinal: false }),
	'a piece without a beginning': frames(1002, { opcode: op.more, payload: 'a' }),
	'a message in the middle of another': frames(1002, begin, { opcode: op.binary, payload: 'a' }),
	'a text that is no UTF-8': frames(1007, { opcode: op.text, payload: notUtf8 }),
	'a text that ends within a character': frames(1007, {
		opcode: op.text,
		payload: halfACharacter,
	}),
	'a text in pieces that is no UTF-8': frames(
		1007,
		{ ...begin, payload: halfACharacter },
		{ opcode: op.more, payload: notUtf8 },
	),
	'a farewell of one byte': frames(1002, { opcode: op.close, payload: bytes(3) }),
	'a farewell with code 0': closeWith(1002, 0),
	'a farewell with code 999': closeWith(1002, 999),
	'a farewell with a code that is never sent': closeWith(1002, 1005),
	'a farewell with a code that stands for none': closeWith(1002, 1006),
	'a farewell with code 5000': closeWith(1002, 5_000),
	'a farewell with words that are no UTF-8': closeWith(1007, 1000, notUtf8),
	'a length with the highest bit': frames(1009, claim(8, 2n ** 63n)),
	'a length beyond all numbers': frames(1009, claim(8, 2n ** 53n)),
	'a length of nine megabytes': frames(1009, claim(8, 9n * BigInt(mib))),
	'nine megabytes in pieces': frames(
		1009,
		{ ...begin, opcode: op.binary },
		...times(9, () => ({ opcode: op.more, isFinal: false, payload: new Uint8Array(mib) })),
	),
	'a reset within a header': {
		does({ socket }) {
			socket.write(bytes(0x82, 0xff, 0, 0));
			setTimeout(() => socket.resetAndDestroy(), 20);
		},
		code: null,
	},
	'a reset within a message': {
		does(wire) {
			wire.send(half);
			setTimeout(() => wire.socket.resetAndDestroy(), 20);
		},
		code: null,
	},
	'an end within a message': {
		does(wire) {
			wire.send(half);
			wire.socket.end();
		},
		code: null,
	},
	'HTTP instead of frames': {
		does: ({ socket }) => void socket.write('GET / HTTP/1.1\r\nHost: muster\r\n\r\n'),
		code: 1002,
	},
	'messages after the farewell': frames(
		1000,
		{ opcode: op.close, payload: bytes(3, 232) },
		...times(100, () => ({ opcode: op.binary, payload: bytes(0, 2, 1, 9) })),
	),
	'silence within a header': {
		does: ({ socket }) => void socket.write(bytes(0x82, 0xff, 0, 0)),
		...{ code: null, isSilent: true },
	},
	'silence within a mask': {
		does: ({ socket }) => void socket.write(bytes(0x82, 0x85, 1, 2)),
		...{ code: null, isSilent: true },
	},
	'silence within a message': {
		does: (wire) => wire.send(half),
		...{ code: null, isSilent: true },
	},
	'silence between two pieces': {
		does: (wire) => wire.send({ ...begin, opcode: op.binary }),
		...{ code: null, isSilent: true },
	},
};
