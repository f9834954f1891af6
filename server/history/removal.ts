import type { Sql, TransactionSql } from 'postgres';
import * as Y from 'yjs';
import { kindOf, type DocumentId, type DocumentKind } from '#core/ids.ts';
import { factOf, factsWithKey, type Context } from '#core/incident/decide.ts';
import { createDocument } from '#core/incident/document.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { readFacts, type Fact } from '#core/incident/record.ts';
import { encodeEdits, type Edit } from '#core/incident/turn.ts';
import { Refusal } from '#core/refusal.ts';
import { removingUpdate } from '#core/removal/forward.ts';
import { isInMark, needleOf, removedMark, type Wanted } from '#core/removal/removal.ts';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import { Spoilt } from '#server/opening/bench.ts';
import type { Opening } from '#server/opening/opening.ts';
import type { Removal } from '#server/opening/removing.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import type { Deriving } from '#server/persister/deriving.ts';
import { appendTurn, lockDocument, type Place } from '#server/storage/documents.ts';
import { readHistory, readTurns, rewriteTurns, type KeptTurn } from '#server/storage/history.ts';
import {
	countRemovals,
	forgetDerived,
	readPassed,
	snapshotTurns,
} from '#server/storage/removals.ts';
import { newTurn } from '#server/sync/journal.ts';
import type { ToldTurn } from '#server/sync/nodes/feed.ts';
import type { Rooms } from '#server/sync/rooms.ts';
import type { Asker } from '#server/sync/turn/asks.ts';
import { encodeFacts, endOfRecord, newClientId, originOf } from '#server/sync/turn/facts.ts';

export interface RemovalParts {
	readonly sql: Sql;
	readonly rooms: Pick<Rooms, 'read' | 'quarantineOf' | 'isUnsaved' | 'follow'>;
	readonly opening: Pick<Opening, 'openAnew'>;
	readonly persister: Pick<Deriving, 'heard'>;
	readonly workbench: Pick<Workbench, 'remove'>;
	readonly id: () => string;
	readonly nameOf: NameOf;
}

/** Who wants what to be removed, and why. */
export interface RemovalAsk {
	readonly asker: Asker;
	readonly wanted: Wanted;
	readonly reason: string;
}

/** A history as it was read: what is found in it is written only if nothing was removed from it since. */
interface Read {
	readonly turns: readonly KeptTurn[];
	readonly passed: readonly { readonly from: number; readonly to: number }[];
	readonly snapshots: readonly number[];
	readonly removals: number;
}

/** What came of one look through a history. */
type Written =
	| { readonly state: 'written'; readonly facts: readonly Fact[]; readonly turn: ToldTurn }
	| { readonly state: 'repeated'; readonly facts: readonly Fact[] }
	/** Somebody else removed something or kept a snapshot meanwhile. */
	| { readonly state: 'overtaken' };

/**
 * Removes something for good from a document by a change that goes forward, so that every copy drops
 * it, and from all turns that ever held it. It is looked for again until nothing is found; no facts if
 * it was never there. Throws a `Refusal`.
 */
export async function removeFromDocument(
	parts: RemovalParts,
	document: DocumentId,
	ask: RemovalAsk,
): Promise<readonly Fact[]> {
	const repeated = await parts.rooms.read(document, (doc) => repeatedIn(readFacts(doc), ask.asker));
	// Whoever asks again may have been stopped between two rounds, or mean another text.
	const facts: Fact[] = [...repeated];
	for (let round = 0; round < limits.removalRounds; round++) {
		const read = await readAll(parts.sql, document);
		const found = await look(parts.workbench, { ...read, kind: kindOf(document) }, ask.wanted);
		if (found.rewritten.length === 0) return facts;
		const written = await write(parts, document, {
			...ask,
			read,
			found,
			isFirst: facts.length === 0,
		});
		if (written.state === 'overtaken') continue;
		facts.push(...written.facts);
		if (written.state === 'written') await tell(parts, document, written);
	}
	throw new Refusal(
		'conflict',
		'It is written again and again while it is removed. Ask the others to stop, then remove it once more.',
	);
}

/** Whoever has the document in memory here takes the turn over, or begins anew. */
async function tell(
	{ opening, rooms, persister }: RemovalParts,
	document: DocumentId,
	{ turn, facts }: Extract<Written, { state: 'written' }>,
): Promise<void> {
	opening.openAnew(document);
	await rooms.follow(document, turn);
	persister.heard({ document, facts });
}

/** Why nothing can be removed from a document now. Throws a `Refusal`. */
export async function refuseNow(
	{ rooms }: RemovalParts,
	document: DocumentId,
	{ wanted, reason }: RemovalAsk,
): Promise<void> {
	if ('text' in wanted && isInMark(wanted.text)) {
		throw new Refusal(
			'invalid',
			`“${removedMark}” stands wherever something was removed, so no part of it can be. Say more of the text.`,
			'text',
		);
	}
	if ('text' in wanted && reason.includes(needleOf(wanted.text))) {
		throw new Refusal('invalid', 'The reason says what is to be removed. Leave it out.', 'reason');
	}
	if (await rooms.quarantineOf(document)) {
		throw new Refusal('conflict', 'This incident cannot be opened whole. Restore it first.');
	}
	if (await rooms.isUnsaved(document)) {
		throw new Refusal(
			'unavailable',
			'Edits of this incident are not saved yet and may hold it. Try again once they are.',
		);
	}
}

async function readAll(sql: Sql, document: DocumentId): Promise<Read> {
	const removals = await countRemovals(sql, document);
	const passed = await readPassed(sql, document);
	const snapshots = await snapshotTurns(sql, document, 0);
	return {
		removals,
		passed,
		snapshots,
		turns: await Array.fromAsync(readHistory(sql, document, 0)),
	};
}

async function look(
	workbench: RemovalParts['workbench'],
	{ kind, turns, passed, snapshots }: Read & { readonly kind: DocumentKind },
	wanted: Wanted,
): Promise<Removal> {
	const searched = turns.map(({ turn, edits }) => ({
		turn,
		updates: edits.map(({ bytes }) => bytes),
		isPassed: passed.some(({ from, to }) => from <= turn && turn <= to),
	}));
	try {
		const found = await workbench.remove({ of: kind, turns: searched, wanted, snapshots });
		const unreadable = turns.filter((turn) => holdsRaw(turn, wanted));
		return {
			...found,
			rewritten: [...found.rewritten, ...unreadable.map(({ turn }) => ({ turn, updates: [] }))],
		};
	} catch (error) {
		if (!(error instanceof Spoilt)) throw error;
		throw new Refusal('conflict', 'This history is too large to be looked through here.');
	}
}

/** A turn that cannot be read is passed over by everybody: whatever it says, it may go. */
function holdsRaw({ unreadable }: KeptTurn, wanted: Wanted): boolean {
	if (!unreadable || !('text' in wanted)) return false;
	return Buffer.from(unreadable).includes(needleOf(wanted.text));
}

interface WriteAsk extends RemovalAsk {
	readonly read: Read;
	readonly found: Removal;
	/** Nothing was written for this yet. */
	readonly isFirst: boolean;
}

/** The turn that removes it, the turns that held it, and all that was derived from those: at once. */
async function write(parts: RemovalParts, document: DocumentId, ask: WriteAsk): Promise<Written> {
	const { read, found } = ask;
	const before = await parts.rooms.read(document, (doc, turn) => ({
		state: Y.encodeStateAsUpdate(doc),
		turn,
	}));
	const written = await parts.sql.begin<Written>(async (tx) => {
		const place = await lockDocument(tx, document);
		if (await isOvertaken(tx, document, read)) return { state: 'overtaken' };
		const doc = await documentNow(tx, document, before);
		const repeated = ask.isFirst ? repeatedIn(readFacts(doc), ask.asker) : [];
		if (repeated.length > 0) return { state: 'repeated', facts: repeated };
		const { edits, fact } = removalTurn(doc, place, { ...ask, ...parts });
		await rewriteTurns(tx, document, rewrittenBytes(read.turns, found));
		const from = found.rewritten[0]?.turn ?? 1;
		await forgetDerived(tx, document, { ...found, from });
		const appended = await appendTurn(tx, document, { ...newTurn(edits), at: place.at });
		return { state: 'written', facts: [fact], turn: { ...appended, edits } };
	});
	return written;
}

/** Whether there is another removal, or another snapshot of any turn, than there was. */
async function isOvertaken(tx: TransactionSql, document: DocumentId, read: Read): Promise<boolean> {
	if ((await countRemovals(tx, document)) !== read.removals) return true;
	const snapshots = await snapshotTurns(tx, document, 0);
	return snapshots.join() !== read.snapshots.join();
}

/** The document after the very last turn. */
async function documentNow(
	tx: TransactionSql,
	document: DocumentId,
	{ state, turn }: { readonly state: Uint8Array; readonly turn: number },
): Promise<Y.Doc> {
	const doc = createDocument('follower');
	Y.applyUpdate(doc, state);
	for await (const { edits } of readTurns(tx, document, turn)) {
		for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
	}
	return doc;
}

/** What takes it out of the document, and the fact that says so. */
function removalTurn(
	doc: Y.Doc,
	place: Place,
	{ asker, reason, found, id, nameOf }: WriteAsk & Pick<RemovalParts, 'id' | 'nameOf'>,
): { edits: readonly Edit[]; fact: Fact } {
	const { person, ...keyed } = asker;
	const now = epochMs(place.at);
	const context: Context = { now, by: person.id, id, nameOf, ...keyed };
	const turns = stretchesOf(found.rewritten.map(({ turn }) => turn));
	const fact = factOf(context, { kind: 'removed', reason, parts: found.parts, turns });
	const facts = newClientId();
	const removing = { facts: newClientId(), content: newClientId() };
	const update = removingUpdate(doc, found, removing);
	const bytes = encodeFacts([fact], { client: facts, clock: 0, after: endOfRecord(doc) });
	const origin = originOf(person.id, now);
	const edits: Edit[] = [{ ...origin, kind: 'facts', client: facts, bytes }];
	if (update)
		edits.unshift({ ...origin, kind: 'restore', client: removing.content, bytes: update });
	return { edits, fact };
}

function rewrittenBytes(
	turns: readonly KeptTurn[],
	{ rewritten }: Removal,
): ReadonlyMap<number, Uint8Array> {
	const byTurn = new Map(turns.map((turn) => [turn.turn, turn.edits]));
	return new Map(
		rewritten.map(({ turn, updates }) => {
			const edits = updates.length === 0 ? [] : (byTurn.get(turn) ?? []);
			const changed = edits.map((edit, i) => ({ ...edit, bytes: updates[i] ?? edit.bytes }));
			return [turn, encodeEdits(changed)];
		}),
	);
}

/** Turns as the first and last of each stretch. */
function stretchesOf(turns: readonly number[]): (readonly [number, number])[] {
	const stretches: [number, number][] = [];
	for (const turn of turns.toSorted((a, b) => a - b)) {
		const last = stretches.at(-1);
		if (last && last[1] === turn - 1) last[1] = turn;
		else stretches.push([turn, turn]);
	}
	return stretches;
}

/** What the same request wrote before. */
function repeatedIn(facts: readonly Fact[], { person, key, print }: Asker): readonly Fact[] {
	const repeated = key === undefined ? [] : factsWithKey(facts, key, person.id);
	if (repeated.length > 0 && repeated[0]?.print !== print) {
		throw new Refusal('conflict', 'This key was used for another request.', 'idempotencyKey');
	}
	return repeated;
}
