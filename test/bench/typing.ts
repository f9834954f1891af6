import * as Y from 'yjs';

/** One person's typing, encoded beforehand: the n-th update holds the client's n-th clock. */
export interface Typing {
	readonly client: number;
	readonly updates: readonly Uint8Array[];
}

/** Somebody who types so many single characters into the same text as everybody else. */
export function encodeTyping(client: number, edits: number): Typing {
	const doc = new Y.Doc();
	doc.clientID = client;
	const text = doc.getText('impact');
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	for (let i = 0; i < edits; i++) text.insert(i, 'abcdefghijklmnopqrstuvwxyz'[i % 26] ?? '');
	doc.destroy();
	return { client, updates };
}

/** What an update brings of one client: the clocks `[from, to)`. */
export interface Covered {
	readonly client: number;
	readonly from: number;
	readonly to: number;
}

/** Reads what updates bring; the same bytes, which many people get, are read once. */
export class UpdateReader {
	readonly #known = new Map<string, readonly Covered[]>();

	read(bytes: Uint8Array): readonly Covered[] {
		const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
		const known = this.#known.get(key);
		if (known) return known;
		const { from, to } = Y.parseUpdateMeta(bytes);
		const covered = Array.from(to, ([client, end]) => {
			return { client, from: from.get(client) ?? 0, to: end };
		});
		if (this.#known.size > 1_000) this.#known.clear();
		this.#known.set(key, covered);
		return covered;
	}
}
