import * as Y from 'yjs';
import type { DocumentKind, PersonId } from '#core/ids.ts';
import { hasRoot } from '#core/incident/document.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { isCircular } from './circle.ts';
import { encodeParts, encodeWithout } from './excerpt.ts';
import { Ground, type GroundView } from './ground.ts';
import { Order } from './order.ts';
import { scanUpdate, type Block, type Deletion, type Id, type Item, type Scan } from './scan.ts';
import { refuseOddShapes } from './shapes.ts';

/** What the gate needs to know of the room. */
export interface GateView extends GroundView {
	/** What the document is: which roots it has. */
	readonly kind: DocumentKind;
	/** Whether all of a range is deleted already. */
	isDeleted(deletion: Deletion): boolean;
	/** To whom a client id belongs, `server` for the server's own, null if it was never seen. */
	ownerOf(client: number): PersonId | 'server' | null;
	/** Whether a client id wrote facts: nothing of a client's may touch what it wrote. */
	writesFacts(client: number): boolean;
}

/** An update that is to be judged, and what is known of its sender. */
export interface Judged {
	readonly person: PersonId;
	readonly kind: 'update' | 'step2';
	/** Why this person may not write, or null. */
	readonly readOnly: Refusal | null;
	/** The journal may have what this document lacks, and cannot be asked. */
	readonly mayLack?: boolean;
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
	const blocks = scan.blocks.filter((block) => block.end > view.clockOf(block.client));
	const deletions = scan.deletions.filter((deletion) => !view.isDeleted(deletion));
	if (blocks.length === 0 && deletions.length === 0) return { verdict: 'nothing' };
	if (edit.readOnly) throw edit.readOnly;

	const foreign = blocks.filter((block) => !mayBeOwn(view.ownerOf(block.client), edit));
	if (foreign.length > 0 && edit.kind === 'update') {
		// Two may come with the same id before anybody has written under it.
		const isFirstUse = foreign.every(({ client }) => view.clockOf(client) === 0);
		const sentence = 'This edit is written under a client id of somebody else.';
		throw new Refusal(isFirstUse ? 'conflict' : 'invalid', sentence);
	}
	if (foreign.length > 0) return judgeOwnPart(view, edit, foreign);
	const begun = blocks.filter(({ client, clock }) => clock < view.clockOf(client));
	if (begun.length > 0) return judgeRest(view, edit, begun);
	const isNew = blocks.length === scan.blocks.length && deletions.length === scan.deletions.length;
	const bytes = isNew ? edit.bytes : encodeParts(edit.bytes, blocks, deletions);
	return judgeNew(view, isNew ? edit : { ...edit, bytes, scan: scanUpdate(bytes) });
}

/** Decides about an update that holds nothing of what is here, so that nothing of it can be a lie about that. */
function judgeNew(view: GateView, edit: Judged): Verdict {
	const { bytes, scan } = edit;
	const { blocks, deletions } = scan;
	refuseForbidden(view, scan);
	if (isIncomplete(view, scan)) return { verdict: 'hold' };
	if (blocks.length > 1 && isCircular(blocks, (client) => view.clockOf(client))) {
		throw new Refusal('invalid', 'Parts of this edit build on each other.');
	}
	const ground = new Ground(view, bytes, scan);
	refuseOddShapes(ground, deletions);
	const { undecided } = new Order(ground);
	if (undecided.length > 0) return judgeBegin(view, edit, encodeWithout(bytes, scan, undecided));
	return {
		verdict: 'apply',
		bytes,
		clients: blocks.map(({ client }) => client),
		newEntries: blocks.flatMap(newEntriesIn),
		isPartial: false,
	};
}

/** A copy brings others' edits too: whose they are only the journal can tell. */
function mayBeOwn(owner: PersonId | 'server' | null, { person, kind, mayLack }: Judged): boolean {
	if (owner === null) return !(mayLack && kind === 'step2');
	return owner === person;
}

/** The keys of `entries` that structs set for the first time. */
export function newEntriesIn(block: Block): readonly string[] {
	const isNew = ({ parent, key }: Item) => parent === 'entries' && key !== null;
	return block.items.filter(isNew).flatMap(({ key }) => key ?? []);
}

/** Roots that are not ours, anything that touches the record, which only the server writes, and too much at once. */
function refuseForbidden(view: GateView, { blocks, deletions }: Scan): void {
	for (const { items } of blocks) for (const { parent } of items) refuseRoot(view.kind, parent);
	const touchesRecord =
		blocks.some(({ needs }) => needs.some(({ client }) => view.writesFacts(client))) ||
		deletions.some(({ client }) => view.writesFacts(client));
	if (touchesRecord) throw recordIsTouched();
	if (deletions.length > limits.newDeletesPerUpdate) {
		throw new Refusal('invalid', 'This edit deletes too many parts at once.');
	}
}

function refuseRoot(kind: DocumentKind, parent: Id | string | null): void {
	if (parent === 'record') throw recordIsTouched();
	if (typeof parent === 'string' && !hasRoot(kind, parent)) {
		throw new Refusal('invalid', 'The document has no such part.');
	}
}

function recordIsTouched(): Refusal {
	return new Refusal('invalid', 'The record is written by the server alone.');
}

/** A hole in the causality: something that it builds on, or deletes, is not here yet. */
function isIncomplete(view: GateView, { blocks, blockOf, deletions }: Scan): boolean {
	const reach = (client: number) => blockOf.get(client)?.end ?? view.clockOf(client);
	const isMissing = (id: Id) => id.clock >= reach(id.client);
	return (
		blocks.some(({ client, clock, hasGap }) => hasGap || clock > view.clockOf(client)) ||
		blocks.some(({ needs }) => needs.some(isMissing)) ||
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

/**
 * The sender's own part of a step 2, as far as it stands without what others wrote and this document
 * lacks: copies that build on each other come together piece by piece, whoever comes first.
 */
function judgeOwnPart(view: GateView, edit: Judged, foreign: readonly Block[]): Verdict {
	const { scan } = edit;
	const others = new Set(foreign.map(({ client }) => client));
	const own = { ...scan, blocks: scan.blocks.filter(({ client }) => !others.has(client)) };
	const unknown = [...others].map((client) => ({ client, clock: view.clockOf(client) }));
	return judgeBegin(view, edit, encodeWithout(edit.bytes, own, unknown));
}

/** The part of an update that shows, once it is in the document, whether the rest may follow it. */
function judgeBegin(view: GateView, edit: Judged, bytes: Uint8Array): Verdict {
	const verdict = judge(view, { ...edit, bytes, scan: scanUpdate(bytes) });
	return verdict.verdict === 'apply' ? { ...verdict, isPartial: true } : { verdict: 'hold' };
}
