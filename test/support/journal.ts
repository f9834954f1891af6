import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import * as Y from 'yjs';
import { roomDocumentOf, type DocumentId, type IncidentId, type PersonId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import type { Command, DeclareRequest } from '#core/wire.ts';
import {
	appendTurn,
	createDocument as storeDocument,
	type Place,
} from '#server/storage/documents.ts';
import {
	encodeFacts,
	endOfRecord,
	newClientId,
	seedEdits,
	seedRoom,
} from '#server/sync/turn/facts.ts';
import { newTurn } from '#server/sync/journal.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import { ada, grace, linus, TestRecord } from './record.ts';

/** An incident's journal that a test writes turn by turn, without a room. */
export class TestJournal {
	readonly incident: IncidentId;
	readonly document: DocumentId;
	/** What the journal says, in an editor's hands. */
	readonly doc = createDocument('editing');
	readonly #sql: Sql;
	readonly #record = new TestRecord();
	readonly #factsClient = newClientId();
	#turn = 0;

	private constructor(sql: Sql) {
		this.#sql = sql;
		this.incident = randomUUID() as IncidentId;
		this.document = roomDocumentOf(this.incident);
	}

	/** Ada declares an incident. */
	static async declare(sql: Sql, input: Partial<DeclareRequest> = {}): Promise<TestJournal> {
		const journal = new TestJournal(sql);
		await addPeople(sql);
		await sql.begin(async (tx) => {
			const [row] = await tx<[{ number: number }]>`
				insert into incidents (id, declared_by) values (${journal.incident}, ${ada})
				returning number`;
			journal.#record.declare({ ...input, number: row.number } as Partial<DeclareRequest>);
			const edits = seedEdits({
				...{ facts: journal.#record.facts, person: ada, receivedAt: 0 },
				write: (doc) => seedRoom(doc),
			});
			const first = { ...newTurn(edits), at: Date.now() * 1000 };
			const place = await storeDocument(tx, journal.document, first);
			if (place) journal.#took(edits, place);
		});
		return journal;
	}

	get turn(): number {
		return this.#turn;
	}

	/** Somebody edits the document: one turn. */
	async edits(change: (doc: Y.Doc) => void, sql: Sql = this.#sql): Promise<Place> {
		const before = Y.encodeStateVector(this.doc);
		this.doc.transact(() => change(this.doc));
		return this.appends([this.#edit(Y.encodeStateAsUpdate(this.doc, before), 'edit')], sql);
	}

	/** People edit the same state without seeing each other: a turn each. */
	async editsApart(...changes: readonly ((doc: Y.Doc) => void)[]): Promise<void> {
		const state = Y.encodeStateAsUpdate(this.doc);
		const before = Y.encodeStateVector(this.doc);
		for (const change of changes) {
			const fork = createDocument('editing');
			Y.applyUpdate(fork, state);
			fork.transact(() => change(fork));
			const update = Y.encodeStateAsUpdate(fork, before);
			Y.applyUpdate(this.doc, update);
			await this.appends([this.#edit(update, 'edit')]);
		}
	}

	/** Somebody types this many letters, a hundred a turn. */
	async types(letters: number, where: (doc: Y.Doc) => Y.Text): Promise<void> {
		const edits: Edit[] = [];
		const keep = (update: Uint8Array): void => void edits.push(this.#edit(update, 'edit'));
		this.doc.on('update', keep);
		for (let i = 0; i < letters; i++) {
			const text = where(this.doc);
			text.insert((i * 7) % (text.length + 1), String.fromCharCode(97 + (i % 26)));
			if (i % 5 === 4) text.delete((i * 3) % text.length, 1);
			if (edits.length >= 100 || i === letters - 1) await this.appends(edits.splice(0));
		}
		this.doc.off('update', keep);
	}

	/** Somebody gives commands: their facts are one turn. */
	async decides(...commands: readonly Command[]): Promise<TurnNotice> {
		const before = this.#record.facts.length;
		for (const command of commands) this.#record.does(ada, command);
		return this.records(this.#record.facts.slice(before));
	}

	/** Writes facts, whatever they are. */
	async records(facts: readonly Fact[], sql: Sql = this.#sql): Promise<TurnNotice> {
		const client = this.#factsClient;
		const clock = Y.getState(this.doc.store, client);
		const bytes = encodeFacts(facts, { client, clock, after: endOfRecord(this.doc) });
		Y.applyUpdate(this.doc, bytes);
		const { turn, at } = await this.appends([this.#edit(bytes, 'facts')], sql);
		return { document: this.document, turn, at: at / 1000, edits: 1, facts };
	}

	/** Appends edits as they are. */
	async appends(edits: readonly Edit[], sql: Sql = this.#sql): Promise<Place> {
		const place = await appendTurn(sql, this.document, newTurn(edits));
		this.#turn = place.turn;
		return place;
	}

	/** What a room would tell of the last turn. */
	notice(): TurnNotice {
		return { document: this.document, turn: this.#turn, at: Date.now(), edits: 1, facts: [] };
	}

	#took(edits: readonly Edit[], { turn }: Place): void {
		for (const { bytes } of edits) Y.applyUpdate(this.doc, bytes);
		this.#turn = turn;
	}

	#edit(bytes: Uint8Array, kind: Edit['kind']): Edit {
		return { kind, person: ada, conn: '', n: 0, client: 0, receivedAt: 0, bytes };
	}
}

async function addPeople(sql: Sql): Promise<void> {
	const ids: PersonId[] = [ada, grace, linus];
	await sql`
		insert into people (id, kind, name, access)
		select *, 'user', 'somebody', 'responder' from unnest(${ids}::uuid[]) on conflict do nothing`;
}
