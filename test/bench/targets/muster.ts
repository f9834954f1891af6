import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { declare, invite, type TestPerson } from '../../support/people.ts';
import { startMuster as startProcess } from '../../support/server.ts';
import type { Door, Received, Target } from '../target.ts';

const messageTypes = { sync: 0, ack: 100 } as const;
const syncTypes = { step1: 0, step2: 1, update: 2 } as const;

/** Muster as `npm start` starts it, with its embedded PostgreSQL; everybody is a person of their own. */
export async function startMuster(): Promise<Target> {
	const muster = await startProcess();
	const people: TestPerson[] = [];
	return {
		name: 'Muster',
		pid: muster.pid,
		async open(count) {
			while (people.length < count) people.push(await invite(muster, `person ${people.length}`));
			const url = `${muster.syncUrl}/${await declare(muster)}?ack=1`;
			return people.slice(0, count).map((person) => doorTo(url, person.token));
		},
		[Symbol.asyncDispose]: () => muster[Symbol.asyncDispose](),
	};
}

function doorTo(url: string, token: string): Door {
	const message = (type: number, bytes: Uint8Array) =>
		encoding.encode((encoder) => {
			encoding.writeVarUint(encoder, messageTypes.sync);
			encoding.writeVarUint(encoder, type);
			encoding.writeVarUint8Array(encoder, bytes);
		});
	const emptyStateVector = new Uint8Array([0]);
	return {
		url,
		headers: { Authorization: `Bearer ${token}` },
		hello: [message(syncTypes.step1, emptyStateVector)],
		frame: (update) => message(syncTypes.update, update),
		read: readMessage,
	};
}

function readMessage(bytes: Buffer): Received {
	const decoder = decoding.createDecoder(bytes);
	const type = decoding.readVarUint(decoder);
	if (type === messageTypes.ack) return { kind: 'ack', count: decoding.readVarUint(decoder) };
	if (type !== messageTypes.sync) return { kind: 'other' };
	const syncType = decoding.readVarUint(decoder);
	if (syncType === syncTypes.step2) return { kind: 'welcome' };
	if (syncType !== syncTypes.update) return { kind: 'other' };
	return { kind: 'update', bytes: decoding.readVarUint8Array(decoder) };
}
