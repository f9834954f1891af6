import { expect, test } from 'vitest';
import { readMessage, updateFrame, type Frame } from '#server/sync/peers/frames.ts';

/** The message in a websocket frame, as RFC 6455 §5.2 lays it out. */
function messageIn(frame: Frame): Uint8Array {
	expect(frame[0]).toBe(0x82); // final, binary
	const [, length = 0] = frame;
	if (length < 126) return whole(frame.subarray(2), length);
	if (length === 126) return whole(frame.subarray(4), frame.readUInt16BE(2));
	return whole(frame.subarray(10), Number(frame.readBigUInt64BE(2)));
}

function whole(message: Uint8Array, length: number): Uint8Array {
	expect(message.length).toBe(length);
	return message;
}

test.each([1, 122, 123, 65_530, 65_531, 100_000])(
	'an update of %i bytes is one frame that a peer reads as it was',
	(length) => {
		const update = new Uint8Array(length).fill(7);
		const message = readMessage(messageIn(updateFrame(update)));
		expect(message).toEqual({ kind: 'update', bytes: expect.anything() as unknown });
		expect('bytes' in message && Buffer.compare(message.bytes, update)).toBe(0);
	},
);
