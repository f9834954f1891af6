import * as Y from 'yjs';
import { entriesOf, impactOf, tasksOf, theoryOf } from '#core/incident/document.ts';

const pauseMs = 500;

/**
 * Takes back what I typed into an incident's texts, the last change first, wherever it was. What
 * others typed stays, and so do fields, stars and strikes: only changes under `origin` are known.
 */
export class TextUndo {
	readonly origin = Symbol('typed here');
	readonly #manager: Y.UndoManager;

	constructor(doc: Y.Doc) {
		const texts = [impactOf(doc), theoryOf(doc), entriesOf(doc), tasksOf(doc)];
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
