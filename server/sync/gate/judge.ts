import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { Refusal } from '#core/refusal.ts';
import type { PersonId } from '#core/ids.ts';
import { isRootName } from '#core/incident/document.ts';
import { isCircular } from './circle.ts';
import { replacesEntry, type KeptView } from './kept.ts';
import { isTorn } from './neighbours.ts';
import { scanUpdate, type Block, type Deletion, type Id, type Scan } from './scan.ts';

/** What the gate needs to know of the room. */
export interface GateView extends KeptView {
	/** The client's next clock in the document. */
	clockOf(client: number): number;
	/** Whether all of a range is deleted already. */
	isDeleted(deletion: Deletion): boolean;
	/** To whom a client id belongs, `server` for the server's own, null if it was never seen. */
	ownerOf(client: number): PersonId | 'server' | null;
	/** The list or the key of a map that this stands in (`placeName`), null if it is collected. */
	placeOf(id: Id): string | null;
	/** Whether a client id wrote facts: nothing of a client's may touch what it wrote. */
	writesFacts(client: number): boolean;
}

export interface Judged {
	readonly person: PersonId;
	readonly kind: 'update' | 'step2';
	/** Why this person may not write, or null. */
	readonly readOnly: Refusal | null;
	readonly bytes: Uint8Array;
	readonly scan: Scan;
}

/** What happens to an edit: it changes nothing, is applied, or waits until what it builds on is here. */
export type Verdict =
	| { readonly verdict: 'nothing' }
	| {
			readonly verdict: 'apply';
			readonly bytes: Uint8Array;
			/** The clients whose structs are new here. */
			readonly clients: readonly number[];
			readonly newEntries: readonly string[];
			/** Structs of other people were left out, as this document lacks them. */
			readonly isPartial: boolean;
	  }
	| { readonly verdict: 'hold' };

/**
 * Decides about an update before Yjs sees a byte of it. Throws a `Refusal` when its sender is to be
 * sent away; the document is then as it was.
 */
export function judge(view: GateView, edit: Judged): Verdict {
	const { scan } = edit;
	const news = scan.blocks.filter((block) => block.end > view.clockOf(block.client));
	const deletes = scan.deletions.some((deletion) => !view.isDeleted(deletion));
	if (news.length === 0 && !deletes) return { verdict: 'nothing' };
	if (edit.readOnly) throw edit.readOnly;

	const foreign = news.filter((block) => !isFree(view.ownerOf(block.client), edit.person));
	if (foreign.length > 0 && edit.kind === 'update') {
		throw new Refusal('invalid', 'This edit is written under a client id of somebody else.');
	}
	if (foreign.length > 0) return judgeOwnPart(view, edit, foreign);
	const begun = news.filter(({ client, clock }) => clock < view.clockOf(client));
	if (begun.length > 0) return judgeRest(view, edit, begun);
	refuseForbidden(view, news, scan.deletions);
	if (isIncomplete(view, news, scan.deletions)) return { verdict: 'hold' };
	if (isCircular(news, (client) => view.clockOf(client)))
		throw new Refusal('invalid', 'Parts of this edit build on each other.');
	if (replacesEntry(view, news, scan.deletions)) {
		throw new Refusal('invalid', 'An entry is struck, never removed or replaced.');
	}
	if (isTorn(news, (id) => view.placeOf(id))) {
		throw new Refusal('invalid', 'A part of this edit has neighbours from different places.');
	}
	return {
		verdict: 'apply',
		bytes: edit.bytes,
		clients: news.map(({ client }) => client),
		newEntries: news.flatMap(newEntriesIn),
		isPartial: false,
	};
}

function isFree(owner: PersonId | 'server' | null, person: PersonId): boolean {
	return owner === null || owner === person;
}

/** The keys of `entries` that structs set for the first time. */
export function newEntriesIn(block: Block): readonly string[] {
	return block.newKeys.get('entries') ?? [];
}

/** Roots that are not ours, and anything that touches the record, which only the server writes. */
function refuseForbidden(
	view: GateView,
	news: readonly Block[],
	deletions: readonly Deletion[],
): void {
	for (const root of news.flatMap(({ roots }) => [...roots])) {
		if (root === 'record') throw recordIsTouched();
		if (!isRootName(root)) throw new Refusal('invalid', 'The document has no such part.');
	}
	const touchesRecord =
		news.some(({ needs }) => needs.some(({ client }) => view.writesFacts(client))) ||
		deletions.some((deletion) => view.writesFacts(deletion.client) && !view.isDeleted(deletion));
	if (touchesRecord) throw recordIsTouched();
}

function recordIsTouched(): Refusal {
	return new Refusal('invalid', 'The record is written by the server alone.');
}

/** A hole in the causality: something that it builds on, or deletes, is not here yet. */
function isIncomplete(
	view: GateView,
	news: readonly Block[],
	deletions: readonly Deletion[],
): boolean {
	const ends = new Map(news.map(({ client, end }) => [client, end]));
	const reach = (client: number) => Math.max(view.clockOf(client), ends.get(client) ?? 0);
	const isMissing = (id: Id) => id.clock >= reach(id.client);
	return (
		news.some(({ client, clock, hasGap }) => hasGap || clock > view.clockOf(client)) ||
		news.some(({ needs }) => needs.some(isMissing)) ||
		deletions.some(({ client, clock, length }) => clock + length > reach(client))
	);
}

/**
 * An update whose beginning is here already, as when it crossed with an earlier one: only the rest is
 * taken. Yjs would place a half known struct by what it says in one copy, by what is here in another.
 */
function judgeRest(view: GateView, edit: Judged, begun: readonly Block[]): Verdict {
	const known = new Map(begun.map(({ client }) => [client, view.clockOf(client)]));
	const bytes = Y.diffUpdate(edit.bytes, Y.encodeStateVector(known));
	return judge(view, { ...edit, bytes, scan: scanUpdate(bytes) });
}

/** The sender's own part of a step 2, if it stands without what others wrote and this document lacks. */
function judgeOwnPart(view: GateView, edit: Judged, foreign: readonly Block[]): Verdict {
	const { scan } = edit;
	const others = new Set(foreign.map(({ client }) => client));
	const own = scan.blocks.filter(({ client }) => !others.has(client));
	const bytes = encodeParts(
		edit.bytes,
		own,
		scan.deletions.filter(({ client, clock, length }) => {
			return !others.has(client) || clock + length <= view.clockOf(client);
		}),
	);
	const verdict = judge(view, { ...edit, bytes, scan: scanUpdate(bytes) });
	if (verdict.verdict === 'apply') return { ...verdict, isPartial: true };
	return { verdict: 'hold' };
}

function encodeParts(
	bytes: Uint8Array,
	blocks: readonly Block[],
	deletions: readonly Deletion[],
): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, blocks.length);
	for (const { from, to } of blocks) encoding.writeUint8Array(encoder, bytes.subarray(from, to));
	const byClient = Map.groupBy(deletions, ({ client }) => client);
	encoding.writeVarUint(encoder, byClient.size);
	for (const [client, ranges] of byClient) {
		encoding.writeVarUint(encoder, client);
		encoding.writeVarUint(encoder, ranges.length);
		for (const { clock, length } of ranges) {
			encoding.writeVarUint(encoder, clock);
			encoding.writeVarUint(encoder, length);
		}
	}
	return encoding.toUint8Array(encoder);
}
