import * as Y from 'yjs';
import type { DocumentKind, PersonId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import type { Refusal } from '#core/refusal.ts';
import { seedEdits, seedRoom } from '#server/sync/turn/facts.ts';
import { judge, type Verdict } from '#server/sync/gate/judge.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { HotDocument } from '#server/sync/hot.ts';
import { ada } from './record.ts';

/** A room that was just declared, and copies of it in the hands of people. */
export class TestGate {
	readonly hot: HotDocument;
	/** What was let in, as a journal keeps it. */
	readonly taken: Uint8Array[];

	constructor(kind: DocumentKind = 'room') {
		this.hot = new HotDocument(new Map(), kind);
		const fact = { kind: 'reopened', id: 'f', by: ada, recordedAt: 1, occurredAt: 1 } as never;
		const seed = seedEdits({
			facts: [fact],
			write: (doc) => (kind === 'room' ? seedRoom(doc) : undefined),
			person: ada,
			receivedAt: 1,
		});
		this.taken = seed.map(({ bytes }) => bytes);
		this.hot.apply(this.taken);
	}

	/** Somebody's own copy of the document. */
	copy(of: Y.Doc = this.hot.doc): Y.Doc {
		const doc = createDocument('editing');
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(of));
		return doc;
	}

	judge(
		bytes: Uint8Array,
		by: {
			person?: PersonId;
			kind?: 'update' | 'step2';
			readOnly?: Refusal;
			mayLack?: boolean;
		} = {},
	): Verdict {
		const { person = ada, kind = 'update', readOnly = null, mayLack = false } = by;
		return judge(this.hot, { person, kind, readOnly, mayLack, bytes, scan: scanUpdate(bytes) });
	}

	/** Lets an edit in, as a room does. */
	take(bytes: Uint8Array, person: PersonId = ada): Verdict {
		const verdict = this.judge(bytes, { person });
		if (verdict.verdict !== 'apply') throw new Error(`It was not applied: ${verdict.verdict}.`);
		this.apply(verdict, person);
		return verdict;
	}

	/** Lets an edit in as far as it goes, part after part, as a client that is asked again sends it. */
	takeAll(bytes: Uint8Array, person: PersonId = ada): void {
		for (;;) {
			const verdict = this.judge(bytes, { person, kind: 'step2' });
			if (verdict.verdict === 'nothing') return;
			if (verdict.verdict === 'hold') throw new Error('It is held.');
			this.apply(verdict, person);
			if (!verdict.isPartial) return;
		}
	}

	/** Applies what was let in, and gives what others are sent of it. */
	apply(
		verdict: Extract<Verdict, { verdict: 'apply' }>,
		person: PersonId = ada,
	): Uint8Array | null {
		const changed = this.hot.apply([verdict.bytes]);
		this.taken.push(verdict.bytes);
		for (const client of verdict.clients) this.hot.clients.set(client, person);
		return changed;
	}
}

/** What changing a document sends. */
export function edit(doc: Y.Doc, change: (doc: Y.Doc) => void): Uint8Array {
	const before = Y.encodeStateVector(doc);
	change(doc);
	return Y.encodeStateAsUpdate(doc, before);
}
