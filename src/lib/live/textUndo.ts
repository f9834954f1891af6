import * as Y from 'yjs';
import { entriesOf, impactOf, tasksOf, theoryOf } from '#core/incident/document.ts';

const pauseMs = 500;

/** Shared types of one document, however deep the texts lie in them. */
export type UndoScope = ConstructorParameters<typeof Y.UndoManager>[0];

/** Where people type into fields of a room; the notes' editor has an undo of its own. */
export function roomTexts(doc: Y.Doc): UndoScope {
	return [impactOf(doc), theoryOf(doc), entriesOf(doc), tasksOf(doc)];
}

/**
 * Takes back what I typed into a document's texts, the last change first, wherever it was. What
 * others typed stays, and so do fields, stars and strikes: only changes under `origin` are known.
 */
export class TextUndo {
	readonly origin = Symbol('typed here');
	readonly #manager: Y.UndoManager;

	constructor(texts: UndoScope) {
		this.#manager = new Y.UndoManager(texts, {
			trackedOrigins: new Set([this.origin]),
			captureTimeout: pauseMs,
		});
	}

	/** True if there was something to take back. */
	undo(): boolean {
		return this.#manager.undo() !== null;
	}

	/** True if there was something to do again. */
	redo(): boolean {
		return this.#manager.redo() !== null;
	}

	/** What is typed next is a change of its own. */
	separate(): void {
		this.#manager.stopCapturing();
	}

	/** Nothing that was typed or deleted until now can be taken back any more. */
	forget(): void {
		this.#manager.clear();
	}

	[Symbol.dispose](): void {
		this.#manager.destroy();
	}
}
