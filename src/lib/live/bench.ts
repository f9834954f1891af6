import * as Y from 'yjs';
import type { PersonId } from '#core/ids.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { OfflineCopy } from './copy.ts';
import { forgetDeleted, removalsIn } from '#core/removal/forget.ts';
import { Ledger } from './ledger.ts';
import { onRemoval } from './removals.ts';
import type { Shown, Subject } from './subject.ts';
import { TextUndo } from './textUndo.ts';
import { Typing } from './Typing.svelte.ts';

export interface BenchParts<Document extends Shown> extends Omit<
	ConnectionParts,
	'path' | 'doc' | 'ledger'
> {
	readonly subject: Subject<Document>;
	readonly me: PersonId;
	/** The browser refused to keep something. */
	readonly onCopyFailed: () => void;
}

const openMs = 3_000;

/** Opens this device's copy of a document; null where the browser keeps nothing, or does not answer. */
export async function openCopy(parts: BenchParts<Shown>): Promise<OfflineCopy | null> {
	const { promise: late, resolve } = Promise.withResolvers<null>();
	const timer = setTimeout(() => resolve(null), openMs);
	const opening = OfflineCopy.open(parts.subject.path, parts.me, parts.onCopyFailed);
	try {
		const copy = await Promise.race([opening, late]);
		if (!copy) opening.then((tooLate) => tooLate.close()).catch(() => undefined /* not used */);
		return copy;
	} catch {
		return null; // a private window: the page says that it keeps nothing
	} finally {
		clearTimeout(timer);
	}
}

/** Everything that belongs to one document on this page, and goes with it. */
export class Bench<Document extends Shown = Shown> {
	readonly document: Document;
	readonly copy: OfflineCopy | null;
	readonly ledger: Ledger;
	readonly connection: Connection;
	readonly undo: TextUndo;
	readonly typing: Typing;
	readonly #subject: Subject<Document>;
	#endRemovals: () => void = () => undefined;

	/** Lays out what the copy holds; the connection waits to be opened. */
	constructor(kind: Shown['kind'], copy: OfflineCopy | null, parts: BenchParts<Document>) {
		const { subject } = parts;
		this.#subject = subject;
		this.copy = copy;
		this.document = subject.make(kind);
		this.ledger = new Ledger(copy?.kept.unconfirmed);
		for (const update of copy?.kept.updates ?? []) apply(this.document.doc, update);
		this.#keepChanges(parts.onChange);
		const { doc } = this.document;
		this.connection = new Connection({ ...parts, path: subject.path, doc, ledger: this.ledger });
		this.undo = new TextUndo(subject.typedInto(doc));
		this.typing = new Typing(this.connection.awareness);
		this.#forgetRemovals(parts.onCopyFailed);
	}

	/** How many entries there are. */
	get entries(): number {
		return this.#subject.countEntries(this.document.doc);
	}

	/** A page that ended too early may have left records of before a removal. */
	#forgetRemovals(onFailure: () => void): void {
		const { doc } = this.document;
		const forget = (): void => void this.forget().catch(onFailure);
		this.#endRemovals = onRemoval(doc, forget);
		if (removalsIn(doc) > 0 && (this.copy?.size ?? 0) > 1) forget();
	}

	/** Keeps every change on this device; registered before the connection, which sends it. */
	#keepChanges(onChange: () => void): void {
		this.document.doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin === this.connection.provider) return this.copy?.keepTheirs(update);
			const at = Date.now();
			this.ledger.made(at);
			this.copy?.keepMine(update, at);
			onChange();
		});
	}

	/**
	 * Something was removed for good: nothing of it stays here to be undone, nor in the copy. What I wrote and
	 * the server lacks stays in both.
	 */
	async forget(): Promise<void> {
		this.undo.forget();
		// The editor of the notes hears of it too, and lets go of what it could undo.
		await new Promise((resolve) => setTimeout(resolve));
		forgetDeleted(this.document.doc);
		await this.copy?.keepAnew(this.document.doc);
	}

	/** Ends all but the document, which may still be on the screen. */
	[Symbol.dispose](): void {
		this.#endRemovals();
		this.typing[Symbol.dispose]();
		this.undo[Symbol.dispose]();
		this.connection[Symbol.dispose]();
		this.copy?.compact(this.document.doc, true).catch(() => undefined /* the records stay */);
		this.copy?.close();
	}
}

/** An update that does not fit is left out: the server brings what it holds. */
function apply(doc: Y.Doc, update: Uint8Array): void {
	try {
		Y.applyUpdate(doc, update);
	} catch (error) {
		console.error('a kept update could not be read', error);
	}
}
