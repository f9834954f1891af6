import * as Y from 'yjs';
import type { DocumentKind, PersonId } from '#core/ids.ts';
import { recordOf } from '#core/incident/document.ts';
import type { HistoryTurn } from '#core/incident/history.ts';
import { belongsIn, type Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { systemPerson } from '#server/auth/systemPerson.ts';
import { judge } from '#server/sync/gate/judge.ts';
import { Malformed } from '#server/sync/gate/reader.ts';
import { scanUpdate, type Scan } from '#server/sync/gate/scan.ts';
import { HotDocument } from '#server/sync/hot.ts';
import { judgeServerEdit } from './judgeServerEdit.ts';
import { refusal } from './openBundle.ts';
import { Slices } from './slices.ts';

/** What a history makes, once every edit of it was judged. */
export interface JudgedHistory {
	/** Every client id that wrote something, the server's included. */
	readonly clients: ReadonlySet<number>;
	/** To whom those of people belong. */
	readonly owners: ReadonlyMap<number, PersonId>;
	readonly facts: readonly Fact[];
	readonly isSealed: boolean;
}

/**
 * Lets the edits of a foreign history through the gate, turn by turn, as if they came now: people's as
 * people's, under client ids that stay theirs, the server's as what a server writes. Other work has its
 * turn in between. Throws a `Refusal` that names the first turn that is not right.
 */
export async function judgeHistory(
	kind: DocumentKind,
	turns: readonly HistoryTurn[],
	isPassed: (turn: number) => boolean,
): Promise<JudgedHistory> {
	using hot = new HotDocument(new Map(), kind);
	const lengths: { turn: number; length: number }[] = [];
	const owners = new Map<number, PersonId>();
	const slices = new Slices(limits.sliceMs);
	for (const turn of turns) {
		if (isPassed(turn.turn)) continue;
		for (const edit of turn.edits) {
			const people = inTurn(turn.turn, () => takeIn(hot, edit));
			for (const client of people) owners.set(client, edit.person);
			if (slices.isOver) await slices.pass();
		}
		lengths.push({ turn: turn.turn, length: recordOf(hot.doc).length });
	}
	refuseOddFacts(hot, lengths);
	refuseSize(hot);
	const clients = new Set(Y.decodeStateVector(hot.stateVector).keys());
	const { facts, state } = hot;
	return { clients, owners, facts, isSealed: state.isSealed };
}

function inTurn<T>(turn: number, work: () => T): T {
	try {
		return work();
	} catch (error) {
		const isSaid = error instanceof Refusal || error instanceof Malformed;
		throw refusal(`Turn ${turn}: ${isSaid ? error.message : 'It cannot be applied.'}`);
	}
}

/** Takes in one edit; gives the client ids of people that wrote in it. */
function takeIn(hot: HotDocument, edit: Edit): readonly number[] {
	const isOfPeople = edit.conn !== '';
	const scan = scanUpdate(edit.bytes, isOfPeople ? undefined : limits.serverStructs);
	const isKnown = scan.blocks.some(({ client, clock }) => clock < hot.clockOf(client));
	if (isKnown) throw new Refusal('invalid', 'It says something again that was said before.');
	if (edit.kind === 'edit' || edit.kind === 'late') {
		const person = isOfPeople ? edit.person : systemPerson;
		takeAll(hot, { person, bytes: edit.bytes, scan });
		return isOfPeople ? scan.blocks.map(({ client }) => client) : [];
	}
	if (isOfPeople) throw new Refusal('invalid', 'Somebody writes what only a server writes.');
	takeServers(hot, edit, scan);
	return [];
}

/** Part by part, where whether the rest may follow shows only once the beginning is there. */
function takeAll(
	hot: HotDocument,
	{ person, bytes, scan }: { person: PersonId; bytes: Uint8Array; scan: Scan },
): void {
	for (;;) {
		const edit = { person, kind: 'update', readOnly: null, bytes, scan } as const;
		const verdict = judge(hot, edit);
		if (verdict.verdict === 'nothing') return;
		if (verdict.verdict === 'hold') {
			throw new Refusal('invalid', 'It builds on something that is missing.');
		}
		hot.apply([verdict.bytes]);
		for (const client of verdict.clients) hot.clients.set(client, person);
		if (!verdict.isPartial) return;
	}
}

/** Nobody of the people may have used, or ever use, a client id that a server wrote under. */
function takeServers(hot: HotDocument, edit: Edit, scan: Scan): void {
	for (const { client, clock, hasGap } of scan.blocks) {
		const owner = hot.clients.get(client) ?? systemPerson;
		if (owner !== systemPerson) {
			throw new Refusal('invalid', 'It is written under a client id of somebody else.');
		}
		if (hasGap || clock !== hot.clockOf(client)) {
			throw new Refusal('invalid', 'It builds on something that is missing.');
		}
	}
	judgeServerEdit(hot, edit, scan);
	hot.apply([edit.bytes]);
	for (const { client } of scan.blocks) hot.clients.set(client, systemPerson);
}

/** All of the record is facts that this Muster knows of such a document, and the first one begins it. */
function refuseOddFacts(
	hot: HotDocument,
	lengths: readonly { turn: number; length: number }[],
): void {
	const facts = hot.facts.filter((fact) => belongsIn(hot.kind, fact));
	if (facts.length < recordOf(hot.doc).length) {
		const known = new Set<unknown>(facts.map(({ id }) => id));
		const odd = recordOf(hot.doc)
			.toArray()
			.findIndex((item) => !known.has(idOf(item)));
		const turn = lengths.find(({ length }) => length > odd)?.turn;
		throw refusal(`Turn ${turn ?? 1}: It holds a fact that this Muster does not know.`);
	}
	const isRetro = hot.kind === 'retro';
	if (facts[0]?.kind !== (isRetro ? 'begun' : 'declared')) {
		const begins = isRetro ? 'begin a retrospective' : 'declare an incident';
		throw refusal(`Turn 1: It does not ${begins}.`);
	}
}

function idOf(item: unknown): unknown {
	return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
}

function refuseSize(hot: HotDocument): void {
	const size = Y.encodeStateAsUpdate(hot.doc).length;
	if (size <= limits.documentBytes + limits.messageBytes) return;
	throw refusal('Its document is larger than an incident may be (20 MiB).');
}
