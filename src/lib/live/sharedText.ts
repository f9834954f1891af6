import type * as Y from 'yjs';
import type { TextChange } from './textChange.ts';
import type { TextUndo } from './textUndo.ts';

/** A text that several people edit at once, as a field needs it. */
export class SharedText {
	readonly #text: Y.Text;
	readonly #undo: TextUndo;

	constructor(text: Y.Text, undo: TextUndo) {
		this.#text = text;
		this.#undo = undo;
	}

	get value(): string {
		return this.#text.toString();
	}

	/** I begin to type here: it is undone apart from what I typed elsewhere. */
	enter(): void {
		this.#undo.separate();
	}

	/** Does what I typed; a change that reaches beyond the text is cut. */
	type({ at, remove, insert }: TextChange): void {
		const start = Math.min(at, this.#text.length);
		const length = Math.min(remove, this.#text.length - start);
		this.#text.doc?.transact(() => {
			if (length > 0) this.#text.delete(start, length);
			if (insert) this.#text.insert(start, insert);
		}, this.#undo.origin);
	}

	/** Takes back my own last change; others' stay. */
	undo(): void {
		this.#undo.undo();
	}

	redo(): void {
		this.#undo.redo();
	}

	/** Hears every change that was not typed here, in order. Gives the undo of it. */
	hear(changed: (changes: readonly TextChange[]) => void): () => void {
		const observe = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
			if (transaction.origin !== this.#undo.origin) changed(changesOf(event));
		};
		this.#text.observe(observe);
		return () => this.#text.unobserve(observe);
	}
}

function changesOf(event: Y.YTextEvent): TextChange[] {
	const changes: TextChange[] = [];
	let at = 0;
	for (const { retain = 0, insert, delete: remove = 0 } of event.delta) {
		at += retain;
		if (remove > 0) changes.push({ at, remove, insert: '' });
		if (typeof insert === 'string') {
			changes.push({ at, remove: 0, insert });
			at += insert.length;
		}
	}
	return changes;
}
