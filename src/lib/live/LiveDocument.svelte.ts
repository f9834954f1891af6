import type * as Y from 'yjs';
import {
	createDocument,
	entriesOf,
	impactOf,
	notesOf,
	recordOf,
	tasksOf,
	theoryOf,
} from '#core/incident/document.ts';
import { readEntries, textOf } from '#core/incident/entries.ts';
import type { Deletion } from '#core/incident/fold.ts';
import { readNotes, type Block } from '#core/incident/notes.ts';
import {
	incidentOf,
	mergeTimeline,
	readRecord,
	type NameOf,
	type RecordPart,
	type Task,
	type TimelineItem,
} from '#core/incident/reading.ts';
import { readFacts } from '#core/incident/record.ts';
import { readTasks } from '#core/incident/tasks.ts';
import { heard, heardDeep } from './heard.ts';
import { keepUnchanged } from './keepUnchanged.ts';
import type { Shown } from './subject.ts';

/** An incident's document as readings that a screen can depend on: each root type is observed once. */
export class LiveDocument implements Shown {
	readonly doc: Y.Doc;
	readonly kind: Shown['kind'];
	readonly #nameOf: NameOf;
	readonly #heardRecord: () => void;
	readonly #heardEntries: () => void;
	readonly #heardTasks: () => void;
	readonly #heardImpact: () => void;
	readonly #heardTheory: () => void;
	readonly #heardNotes: () => void;
	#lines: readonly TimelineItem[] = [];
	#work: readonly Task[] = [];

	readonly #record = $derived.by(() => {
		this.#heardRecord();
		return readRecord(readFacts(this.doc), this.#nameOf);
	});
	readonly #entries = $derived.by(() => {
		this.#heardEntries();
		return readEntries(this.doc);
	});
	readonly #part = $derived(incidentOf(this.#record.state));
	readonly #timeline = $derived.by(() => {
		this.#lines = keepUnchanged(this.#lines, mergeTimeline(this.#record, this.#entries));
		return this.#lines;
	});
	readonly #tasks = $derived.by(() => {
		this.#heardTasks();
		this.#work = keepUnchanged(this.#work, readTasks(this.doc));
		return this.#work;
	});

	constructor(kind: Shown['kind'], nameOf: NameOf) {
		this.kind = kind;
		this.doc = createDocument(kind);
		this.#nameOf = nameOf;
		this.#heardRecord = heard(recordOf(this.doc));
		this.#heardEntries = heardDeep(entriesOf(this.doc));
		this.#heardTasks = heardDeep(tasksOf(this.doc));
		this.#heardImpact = heard(impactOf(this.doc));
		this.#heardTheory = heard(theoryOf(this.doc));
		this.#heardNotes = heardDeep(notesOf(this.doc));
	}

	get record(): RecordPart {
		return this.#part;
	}

	get isSealed(): boolean {
		return this.#part.status === 'closed';
	}

	/** The last time that somebody deleted much at once, unless that was restored. */
	get deletion(): Deletion | null {
		return this.#record.state.deletion;
	}

	get timeline(): readonly TimelineItem[] {
		return this.#timeline;
	}

	get tasks(): readonly Task[] {
		return this.#tasks;
	}

	get impact(): string {
		this.#heardImpact();
		return textOf(impactOf(this.doc));
	}

	get theory(): string {
		this.#heardTheory();
		return textOf(theoryOf(this.doc));
	}

	get notes(): readonly Block[] {
		this.#heardNotes();
		return readNotes(this.doc);
	}
}
