import type * as Y from 'yjs';
import type { Standing } from './refused.ts';
import type { UndoScope } from './textUndo.ts';

/** A live document as the screen has it: the shared document, and readings of it that a screen can depend on. */
export interface Shown {
	readonly doc: Y.Doc;
	/** Who only reads has a follower, which never writes by itself. */
	readonly kind: 'editing' | 'follower';
	/** Whether it takes no more edits, as it says itself. */
	readonly isSealed: boolean;
}

/** What a live document is of: all that keeping it in step with the server must know of it. */
export interface Subject<Document extends Shown = Shown> {
	/** Its path below `/sync/`; this device keeps its copy under the same name. */
	readonly path: string;
	/** Makes it, empty. */
	readonly make: (kind: Shown['kind']) => Document;
	/** Whether it takes no more edits, read once. */
	readonly isSealed: (doc: Y.Doc) => boolean;
	/** Why it takes no more edits, after “Read-only: ”. */
	readonly whySealed: string;
	/** How many entries there are in it: what came while the line was down is told by their number. */
	readonly countEntries: (doc: Y.Doc) => number;
	/** Where a person's words can be taken back by the page; editors have an undo of their own. */
	readonly typedInto: (doc: Y.Doc) => UndoScope;
	/** Asks the server what this person may do with it. */
	readonly askStanding: () => Promise<Standing>;
	/** What this device has of it, in words, for a file with what the server turned away. */
	readonly describe: (doc: Y.Doc) => SalvageWords;
}

/** The words of a file with what the server turned away. */
export interface SalvageWords {
	/** What it belongs to, `INC-42`; also the file's name. */
	readonly name: string;
	readonly content: Readonly<Record<string, unknown>>;
}
