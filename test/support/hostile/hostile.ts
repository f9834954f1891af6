import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { EntryId, TaskId } from '#core/ids.ts';
import { syncFrame } from '../client.ts';
import { edit } from '../gate.ts';

/** Where something hostile is sent to: an incident in which ada and linus have written something. */
export interface Scene {
	/** Linus' own copy, as the server has it; what he sends comes from its client id. */
	readonly doc: Y.Doc;
	/** Ada's client id, and that of grace, who has shown her caret and written nothing. */
	readonly ada: number;
	readonly grace: number;
	/** What ada wrote. */
	readonly entry: EntryId;
	readonly task: TaskId;
}

/** Something that no client should send, and what becomes of it. */
export interface Hostile {
	/** The messages, one after the other. */
	readonly sends: (scene: Scene) => readonly (Uint8Array | string)[];
	/** With which code the sender is sent away; or it is as if nothing had come, or waits for more. */
	readonly ends: number | 'ignored' | 'held';
	/** Sent by somebody who may only read. */
	readonly byViewer?: true;
}

export type HostileCases = Readonly<Record<string, Hostile>>;

/** One message. */
export function message(
	send: (scene: Scene) => Uint8Array | string,
	ends: Hostile['ends'] = 4400,
): Hostile {
	return { sends: (scene: Scene) => [send(scene)], ends };
}

/** One *update*. */
export function update(make: (scene: Scene) => Uint8Array, ends: Hostile['ends'] = 4400): Hostile {
	return message((scene) => syncFrame('update', make(scene)), ends);
}

/** An *update* that Yjs makes of a change which our clients do not make. */
export function change(
	make: (doc: Y.Doc, scene: Scene) => void,
	ends: Hostile['ends'] = 4400,
): Hostile {
	return update((scene) => edit(bareCopy(scene.doc), (doc) => make(doc, scene)), ends);
}

/** A copy whose roots have no types yet, so that any may be given to them. */
export function bareCopy(of: Y.Doc): Y.Doc {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(of));
	doc.clientID = of.clientID;
	return doc;
}

/** Where linus writes on: his client id and its next clock. */
export function nextOf({ doc }: Scene): Y.ID {
	return Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID));
}

/** The first item of a root. */
export function firstOf({ doc }: Scene, root: string): Y.ID {
	const first = doc.get(root)._start;
	if (!first) throw new Error(`There is nothing in ${root}.`);
	return first.id;
}

/** Numbers and texts as lib0 writes them, and bytes as they are. */
export function bytesOf(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
	return encoding.encode((encoder) => {
		for (const part of parts) {
			if (typeof part === 'number') encoding.writeVarUint(encoder, part);
			else if (typeof part === 'string') encoding.writeVarString(encoder, part);
			else encoding.writeUint8Array(encoder, part);
		}
	});
}

/** So many times the same. */
export function times<T>(count: number, make: (i: number) => T): T[] {
	return Array.from({ length: count }, (_, i) => make(i));
}
