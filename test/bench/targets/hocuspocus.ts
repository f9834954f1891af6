import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { servePeer, startPeer, type Door, type Received, type Target } from '../target.ts';

const messageTypes = { sync: 0, auth: 2 } as const;
const syncTypes = { step1: 0, step2: 1, update: 2 } as const;

/** Hocuspocus as its guide starts it, without an extension: it stores nothing. */
export async function startHocuspocus(): Promise<Target> {
	const peer = await startPeer(import.meta.filename);
	const url = `ws://127.0.0.1:${peer.port}`;
	let rooms = 0;
	return {
		name: 'Hocuspocus',
		pid: peer.pid,
		async open(people) {
			const room = `room-${++rooms}`;
			return Array.from({ length: people }, () => doorTo(url, room));
		},
		[Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
	};
}

/** Its protocol: every message begins with the document's name; the first one carries a token. */
function doorTo(url: string, room: string): Door {
	const message = (...parts: (number | string | Uint8Array)[]) =>
		encoding.encode((encoder) => {
			encoding.writeVarString(encoder, room);
			for (const part of parts) {
				if (typeof part === 'number') encoding.writeVarUint(encoder, part);
				else if (typeof part === 'string') encoding.writeVarString(encoder, part);
				else encoding.writeVarUint8Array(encoder, part);
			}
		});
	const emptyStateVector = new Uint8Array([0]);
	return {
		url,
		headers: {},
		hello: [
			message(messageTypes.auth, 0, 'a token'),
			message(messageTypes.sync, syncTypes.step1, emptyStateVector),
		],
		frame: (update) => message(messageTypes.sync, syncTypes.update, update),
		read: readMessage,
	};
}

function readMessage(bytes: Buffer): Received {
	const decoder = decoding.createDecoder(bytes);
	decoder.pos = decoding.readVarUint(decoder) + decoder.pos; // the document's name
	if (decoding.readVarUint(decoder) !== messageTypes.sync) return { kind: 'other' };
	const type = decoding.readVarUint(decoder);
	if (type === syncTypes.step2) return { kind: 'welcome' };
	if (type !== syncTypes.update) return { kind: 'other' };
	return { kind: 'update', bytes: decoding.readVarUint8Array(decoder) };
}

interface HocuspocusServer {
	listen(): Promise<unknown>;
	readonly address: { readonly port: number };
}

async function serve(): Promise<void> {
	const packageName: string = '@hocuspocus/server'; // no literal: the project does not install it
	const { Server } = (await import(packageName)) as { Server: new (o: object) => HocuspocusServer };
	const server = new Server({ address: '127.0.0.1', port: 0, quiet: true });
	await server.listen();
	servePeer(server.address.port);
}

if (import.meta.main) await serve();
