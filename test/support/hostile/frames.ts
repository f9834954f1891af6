import * as Y from 'yjs';
import { impactOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { syncFrame } from '../client.ts';
import { edit } from '../gate.ts';
import { bytesOf, message, times, update, type HostileCases, type Scene } from './hostile.ts';

const mib = 2 ** 20;
const endless = Uint8Array.of(...Array<number>(9).fill(255), 1);
const emptyStep1 = Uint8Array.of(0, 0, 1, 0);
const queryAwareness = Uint8Array.of(3);

function typing({ doc }: Scene, text = 'down'): Uint8Array {
	const copy = new Y.Doc();
	Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
	copy.clientID = doc.clientID;
	return edit(copy, () => impactOf(copy).insert(0, text));
}

/** Messages that are not of the protocol, or claim what is not there. */
export const malformedFrames: HostileCases = {
	'a text': message(() => 'hello'),
	'a message of nothing': message(() => new Uint8Array()),
	'a kind without a body': message(() => Uint8Array.of(0)),
	'an unknown kind of message': message(() => Uint8Array.of(4, 0)),
	'an acknowledgement, which only the server sends': message(() => Uint8Array.of(100, 5)),
	'a kind that is no number': message(() => Uint8Array.of(0x80, 0x80)),
	'an unknown kind of sync message': message(() => Uint8Array.of(0, 3, 0)),
	'a length that ends too early': message(() => Uint8Array.of(0, 2, 0x80)),
	'a length beyond all numbers': message(() => Uint8Array.of(0, 2, ...endless)),
	'a length in more bytes than any has': message(() =>
		Uint8Array.of(0, 2, ...Array<number>(11).fill(0x80), 0),
	),
	'a length beyond the message': message(() => bytesOf(0, 2, 2 ** 31, Uint8Array.of(0, 0))),
	'bytes after a message': message((scene) =>
		bytesOf(syncFrame('update', typing(scene)), Uint8Array.of(7)),
	),
	'bytes after a question': message(() => Uint8Array.of(3, 7)),
	'bytes after a caret': message(() => Uint8Array.of(1, 1, 0, 7)),
	'a message of more than 8 MiB': message(() => new Uint8Array(8 * mib + 1), 1009),
	'an update of more than 1 MiB': update((scene) => typing(scene, 'x'.repeat(mib)), 1009),
	'bytes after an update': update((scene) => bytesOf(typing(scene), Uint8Array.of(7))),
	'half an update': update((scene) => typing(scene).subarray(0, -3)),
	'an update of no bytes': update(() => new Uint8Array()),
	'an update in the other encoding': update((scene) => Y.convertUpdateFormatV1ToV2(typing(scene))),
	'a step 2 in the other encoding': message((scene) =>
		syncFrame('step2', Y.convertUpdateFormatV1ToV2(typing(scene))),
	),
	'a state vector that ends too early': message(() => bytesOf(0, 0, Uint8Array.of(2, 5, 1))),
	'a state vector of a billion entries': message(() => bytesOf(0, 0, 5, 2 ** 30)),
	'a state vector of more clients than there ever are': message(() => {
		const vector = bytesOf(...[20_001, ...times(20_001, (i) => [i, 1]).flat()]);
		return bytesOf(0, 0, vector.length, vector);
	}),
};

/** Messages of the protocol that ask for nothing. */
export const idleFrames: HostileCases = {
	'a sign-in after the sign-in': message(() => bytesOf(2, 0, 'let me in'), 'ignored'),
	'an update of nothing': update(() => Uint8Array.of(0, 0), 'ignored'),
	'the same update again': update(({ doc }) => Y.encodeStateAsUpdate(doc), 'ignored'),
	'a step 2 of what everybody has': message(
		({ doc }) => syncFrame('step2', Y.encodeStateAsUpdate(doc)),
		'ignored',
	),
	'a step 2 of deletions alone that are known': message(
		({ doc }) => syncFrame('step2', Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc))),
		'ignored',
	),
};

/** Messages that are too many or too much. */
export const floods: HostileCases = {
	'a flood of small messages': {
		sends: () => times(2 * limits.connectionFrames.burst, () => Uint8Array.of(2)),
		ends: 1013,
	},
	'a flood of large messages': {
		sends: () => times(4, () => bytesOf(2, new Uint8Array(7 * mib))),
		ends: 1013,
	},
	'a flood of updates that change nothing': {
		sends: () => times(300, () => syncFrame('update', Uint8Array.of(0, 0))),
		ends: 1013,
	},
	'a flood of step 1s': { sends: () => times(30, () => emptyStep1), ends: 1013 },
	'a flood of questions for carets': { sends: () => times(30, () => queryAwareness), ends: 1013 },
	'a flood of updates that build on nothing': {
		sends: ({ doc }) =>
			times(300, () => syncFrame('update', bytesOf(1, 1, doc.clientID, 2 ** 20, 0, 5, 0))),
		ends: 1013,
	},
};
