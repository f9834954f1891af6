import type { DocumentKind } from '#core/ids.ts';
import type { Edit } from '#core/incident/turn.ts';
import { hasRoot } from '#core/incident/document.ts';
import { Refusal } from '#core/refusal.ts';
import { Ground } from '#server/sync/gate/ground.ts';
import { Order } from '#server/sync/gate/order.ts';
import { Malformed } from '#server/sync/gate/reader.ts';
import type { Id, Item, Scan } from '#server/sync/gate/scan.ts';
import { refuseOddShapes } from '#server/sync/gate/shapes.ts';
import type { HotDocument } from '#server/sync/hot.ts';
import { endOfRecord } from '#server/sync/turn/facts.ts';

const contentAny = 8;

/**
 * Refuses what no server writes by itself: facts anywhere but at the record's end, shapes that have no
 * place in the document, neighbours that never were side by side. Only what restores or removes
 * something may change what is in the record.
 */
export function judgeServerEdit(hot: HotDocument, { kind, bytes }: Edit, scan: Scan): void {
	if (kind !== 'restore' && scan.deletions.length > 0) {
		throw new Refusal('invalid', 'It deletes something while it says something.');
	}
	const ground = new Ground(hot, bytes, scan);
	const content = scan.blocks.map((block) => ({
		...block,
		items: block.items.filter((item) => !isInRecord(ground, item, hot.kind)),
	}));
	const facts = scan.blocks.flatMap(({ items }) =>
		items.filter((item) => isInRecord(ground, item, hot.kind)),
	);
	for (const item of facts) refuseNoFact(item);
	if (kind !== 'restore') refuseInside(hot, facts);
	const rest = { ...scan, blocks: content, blockOf: new Map(content.map((b) => [b.client, b])) };
	const restGround = new Ground(hot, bytes, rest);
	refuseOddShapes(restGround, kind === 'restore' ? [] : scan.deletions);
	if (new Order(restGround).undecided.length > 0) {
		throw new Refusal('invalid', 'Its parts have neighbours that nobody can tell.');
	}
}

function isInRecord(ground: Ground, item: Item, kind: DocumentKind): boolean {
	const { parent } = item;
	if (typeof parent === 'string' && !hasRoot(kind, parent)) {
		throw new Malformed('The document has no such part.');
	}
	return ground.placeOf(item)?.parent === 'record';
}

function refuseNoFact({ ref, key }: Item): void {
	if (ref === contentAny && key === null) return;
	throw new Refusal('invalid', 'It writes something into the record that is no fact.');
}

/** Facts are appended: the first to what is there, each further one to the one before it. */
function refuseInside(hot: HotDocument, facts: readonly Item[]): void {
	let end: Id | null = endOfRecord(hot.doc);
	for (const { client, left, right, end: next } of facts) {
		const isAppended = right === null && left?.client === end?.client && left?.clock === end?.clock;
		if (!isAppended) throw new Refusal('invalid', 'It writes facts between those that are there.');
		end = { client, clock: next - 1 };
	}
}
