import type * as Y from 'yjs';
import { createDocument, findingsOf, recordOf, reportOf } from '#core/incident/document.ts';
import { readBlocks, type Block } from '#core/incident/notes.ts';
import { readFacts } from '#core/incident/record.ts';
import { writtenIn } from '#core/retro/approvals.ts';
import { readFindings, type Finding } from '#core/retro/findings.ts';
import { foldRetro, type RetroState } from '#core/retro/state.ts';
import { heard, heardDeep } from './heard.ts';
import { keepUnchanged } from './keepUnchanged.ts';
import type { Shown } from './subject.ts';

/** A retrospective's document as readings that a screen can depend on. */
export class RetroDocument implements Shown {
	readonly doc: Y.Doc;
	readonly kind: Shown['kind'];
	readonly #heardRecord: () => void;
	readonly #heardReport: () => void;
	readonly #heardFindings: () => void;
	#last: readonly Finding[] = [];

	readonly #state = $derived.by(() => {
		this.#heardRecord();
		return foldRetro(readFacts(this.doc));
	});
	readonly #findings = $derived.by(() => {
		this.#heardFindings();
		this.#last = keepUnchanged(this.#last, readFindings(this.doc));
		return this.#last;
	});
	readonly #report = $derived.by(() => {
		this.#heardReport();
		return readBlocks(reportOf(this.doc));
	});

	readonly #written = $derived.by(() => {
		this.#heardReport();
		this.#heardFindings();
		return writtenIn(this.doc);
	});

	constructor(kind: Shown['kind']) {
		this.kind = kind;
		this.doc = createDocument(kind);
		this.#heardRecord = heard(recordOf(this.doc));
		this.#heardReport = heardDeep(reportOf(this.doc));
		this.#heardFindings = heardDeep(findingsOf(this.doc));
	}

	get state(): RetroState {
		return this.#state;
	}

	get findings(): readonly Finding[] {
		return this.#findings;
	}

	get report(): readonly Block[] {
		return this.#report;
	}

	/** How much was ever written: an approval of less is of an earlier text. */
	get written(): number {
		return this.#written;
	}

	/** What is published is frozen until it is revised. */
	get isSealed(): boolean {
		return this.#state.stage === 'published';
	}
}
