import { createHash, randomUUID } from 'node:crypto';
import * as Y from 'yjs';
import {
	ulidSource,
	type DocumentId,
	type EntryId,
	type PersonId,
	type TaskId,
} from '#core/ids.ts';
import { createDocument, impactOf, notesOf, theoryOf } from '#core/incident/document.ts';
import { declare, loggedFact, type Context } from '#core/incident/decide.ts';
import { entryText, writeEntry } from '#core/incident/entries.ts';
import { journalBytes, type HistoryTurn } from '#core/incident/history.ts';
import { taskTitle, writeTask } from '#core/incident/tasks.ts';
import type { Edit, EditKind } from '#core/incident/turn.ts';
import { openDatabase, type DatabaseAddress } from '#server/storage/database.ts';
import { firstHead, headAfter } from '#server/storage/chain.ts';
import { encodeFacts, endOfRecord } from '#server/sync/turn/facts.ts';
import { seeded } from './random.ts';

/** An incident of this length, with so many people who type. */
export interface Long {
	readonly edits: number;
	readonly people: number;
	readonly hours: number;
	readonly seed: number;
}

/** Somebody at the keyboard: one field, letter after letter, a word taken back now and then, then a pause. */
interface Typist {
	readonly person: PersonId;
	readonly client: number;
	readonly conn: string;
	n: number;
	text: Y.Text;
	left: number;
	nextAt: number;
}

const letters = 'eeeeetttaaooiinnsshhrrdlucmfw    ';

/** The turns of a long incident, as the journal would have them, the first at this instant (epoch ms). */
export function longIncident(
	long: Long,
	began: number,
	people: readonly PersonId[],
): HistoryTurn[] {
	const random = seeded(long.seed);
	const doc = createDocument('editing');
	const turns: HistoryTurn[] = [];
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const id = ulidSource(
		() => now,
		(bytes) => bytes.forEach((_, i) => (bytes[i] = Math.floor(random() * 256))),
	);
	const factsClient = 1 + Math.floor(random() * 2 ** 31);
	let now = began;
	let edits = 0;
	const contextOf = (by: PersonId): Context => ({ now, by, id, nameOf: (person) => person });
	const factsEdit = (by: PersonId, facts: Parameters<typeof encodeFacts>[0], kind: EditKind) => {
		const clock = Y.getState(doc.store, factsClient);
		const bytes = encodeFacts(facts, { client: factsClient, clock, after: endOfRecord(doc) });
		Y.applyUpdate(doc, bytes);
		return { kind, person: by, conn: '', n: 0, client: factsClient, receivedAt: now, bytes };
	};
	const commit = (made: readonly Edit[]) => {
		edits += made.length;
		const at = Math.max(turns.at(-1)?.at ?? 0, now * 1_000 + Math.floor(random() * 1_000));
		turns.push({ turn: turns.length + 1, at, edits: made });
		updates.length = 0;
	};
	const [first] = people;
	if (!first) throw new Error('Nobody is there.');
	commit([
		factsEdit(
			first,
			declare({ title: 'checkout is down', number: 1, severity: 'SEV2' }, contextOf(first)),
			'seed',
		),
	]);
	const pauseMs = (long.hours * 3_600_000 * long.people) / long.edits;
	const typists = people.slice(0, long.people).map((person, i): Typist => ({
		person,
		client: 1 + Math.floor(random() * 2 ** 32),
		conn: `conn-${i}-${Math.floor(random() * 1e9).toString(36)}`,
		n: 0,
		text: impactOf(doc),
		left: 0,
		nextAt: began + random() * 60 * pauseMs,
	}));
	const queue = () => typists.reduce((next, one) => (one.nextAt < next.nextAt ? one : next));

	/** A burst begins: an entry, a task, a paragraph of the notes, or a field that is there already. */
	function begin(typist: Typist): Edit[] {
		const choice = random();
		typist.left = 20 + Math.floor(random() * 80);
		if (choice < 0.25) {
			const entry = id() as EntryId;
			writeEntry(doc, entry, { kind: 'note', text: '', occurredAt: now });
			typist.text = entryText(doc, entry) ?? typist.text;
			const mine = editOf(typist);
			return [
				mine,
				factsEdit(typist.person, [loggedFact(entry, contextOf(typist.person))], 'facts'),
			];
		}
		if (choice < 0.3) {
			const task = id() as TaskId;
			writeTask(doc, task, { title: '', order: id() });
			typist.text = taskTitle(doc, task) ?? typist.text;
		} else if (choice < 0.6 || notesOf(doc).length === 0) {
			const text = new Y.XmlText();
			const paragraph = new Y.XmlElement('paragraph');
			paragraph.insert(0, [text]);
			notesOf(doc).insert(notesOf(doc).length, [paragraph]);
			typist.text = text;
		} else {
			typist.text = choice < 0.8 ? impactOf(doc) : theoryOf(doc);
			type(typist);
		}
		return [editOf(typist)];
	}

	function type({ text }: Typist): void {
		const end = text.length;
		if (random() < 0.08 && end > 0) text.delete(end - 1, 1);
		else text.insert(end, letters[Math.floor(random() * letters.length)] ?? ' ');
	}

	function editOf(typist: Typist): Edit {
		typist.n += 1;
		const { person, conn, n, client } = typist;
		const bytes = Y.mergeUpdates(updates);
		updates.length = 0;
		return { kind: 'edit', person, conn, n, client, receivedAt: now - 2, bytes };
	}

	while (edits < long.edits) {
		const typist = queue();
		now = Math.max(now, Math.floor(typist.nextAt));
		doc.clientID = typist.client;
		if (typist.left === 0) {
			commit(begin(typist));
		} else {
			typist.left -= 1;
			type(typist);
			commit([editOf(typist)]);
		}
		// Five letters a second, then a pause that makes the whole as long as it is to be.
		typist.nextAt = now + (typist.left > 0 ? 100 + random() * 200 : random() * 120 * pauseMs);
	}
	doc.destroy();
	return turns;
}

/** Puts an incident with these turns into a database as if they had been committed there. */
export async function storeIncident(
	database: DatabaseAddress,
	people: readonly PersonId[],
	turns: readonly HistoryTurn[],
): Promise<{ readonly id: string; readonly number: number }> {
	await using db = openDatabase(database);
	const { sql } = db;
	const id = randomUUID();
	const document = id as DocumentId;
	let head = firstHead(document);
	const rows = turns.map((turn) => {
		const salt = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
		const edits = journalBytes(turn);
		const digest = createHash('sha256').update(salt).update(edits).digest();
		head = headAfter(head, { at: turn.at, digest });
		return { turn: turn.turn, at: turn.at, edits, salt, digest, head, nonce: randomUUID() };
	});
	await sql`
		insert into people (id, kind, name, access)
		select person, 'user', 'person ' || place, 'responder'
		from unnest(${[...people]}::uuid[]) with ordinality as given (person, place)
		on conflict do nothing`;
	const [made] = await sql<[{ number: number }]>`
		insert into incidents (id, declared_by) values (${id}, ${people[0] ?? ''}) returning number`;
	const last = rows.at(-1);
	await sql`
		insert into documents (id, incident, kind, turn, at, head)
		values (${id}, ${id}, 'room', ${last?.turn ?? 0},
			timestamptz 'epoch' + ${last?.at ?? 0}::int8 * interval '1 microsecond', ${head})`;
	for (let i = 0; i < rows.length; i += 2_000) {
		const block = rows.slice(i, i + 2_000);
		const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
		await sql`
			insert into journal (document, turn, at, edits, nonce, salt, digest, head)
			select ${id}, turn, timestamptz 'epoch' + at * interval '1 microsecond',
				decode(edits, 'hex'), nonce, decode(salt, 'hex'), decode(digest, 'hex'), decode(head, 'hex')
			from unnest(
				${block.map(({ turn }) => turn)}::int8[], ${block.map(({ at }) => at)}::int8[],
				${block.map(({ edits }) => hex(edits))}::text[], ${block.map(({ nonce }) => nonce)}::uuid[],
				${block.map(({ salt }) => hex(salt))}::text[], ${block.map(({ digest }) => hex(digest))}::text[],
				${block.map(({ head }) => hex(head))}::text[]
			) as given (turn, at, edits, nonce, salt, digest, head)`;
	}
	const clients = new Map(
		turns.flatMap(({ edits }) => edits.map(({ client, person }) => [client, person] as const)),
	);
	await sql`
		insert into clients (document, client, person)
		select ${id}, client, person
		from unnest(${[...clients.keys()]}::int8[], ${[...clients.values()]}::uuid[]) as given (client, person)`;
	return { id, number: made.number };
}
