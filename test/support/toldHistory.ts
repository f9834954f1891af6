import type * as Y from 'yjs';
import type { EntryId, PersonId } from '#core/ids.ts';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { writeEntry, type NewEntry } from '#core/incident/entries.ts';
import type { HistoryTurn } from '#core/incident/history.ts';
import type { EditKind } from '#core/incident/turn.ts';
import { ada, type TestRecord } from './record.ts';

/** What a turn of a told history says besides its edit. */
export interface Told {
	readonly by?: PersonId;
	readonly client?: number;
	readonly kind?: EditKind;
	/** How long it waited to be committed, ms. */
	readonly waitedMs?: number;
}

/** A history that a test tells turn by turn; `now` is the record's, epoch ms. */
export class ToldHistory {
	readonly turns: HistoryTurn[] = [];
	readonly record: TestRecord;
	readonly #doc = createDocument('editing');
	#facts = 0;

	constructor(record: TestRecord) {
		this.record = record;
		this.facts();
	}

	/** One turn with what this changes. */
	turn(edit: (doc: Y.Doc) => void, told: Told = {}): this {
		const { by = ada, client = 7, kind = 'edit', waitedMs = 0 } = told;
		const updates: Uint8Array[] = [];
		const take = (update: Uint8Array) => updates.push(update);
		this.#doc.clientID = client;
		this.#doc.on('update', take);
		this.#doc.transact(() => edit(this.#doc));
		this.#doc.off('update', take);
		const { now } = this.record;
		const origin = { kind, person: by, conn: '', n: 0, client, receivedAt: now - waitedMs };
		const edits = updates.map((bytes) => ({ ...origin, bytes }));
		this.turns.push({ turn: this.turns.length + 1, at: now * 1_000, edits });
		return this;
	}

	/** One turn with the facts that the record has by now and the document has not. */
	facts(): this {
		const fresh = this.record.facts.slice(this.#facts).map((fact) => ({ ...fact }));
		this.#facts = this.record.facts.length;
		return this.turn((doc) => recordOf(doc).push(fresh), { client: 1, kind: 'facts' });
	}

	/** An entry and the fact of its logging, in two turns of one instant. */
	logs(by: PersonId, id: EntryId, entry: NewEntry): this {
		this.turn((doc) => writeEntry(doc, id, entry), { by });
		this.record.logs(by, id);
		return this.facts();
	}
}
