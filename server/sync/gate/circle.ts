import type { Block, Id } from './scan.ts';

/** A client's structs, of which those up to some need can be placed. */
interface Queue {
	readonly block: Block;
	/** The client's next clock in the document. */
	readonly known: number;
	/** How many of the block's needs are met. */
	met: number;
}

/**
 * Whether structs of several clients wait for each other, so that none can be the first: Yjs would
 * leave them half applied. One client's alone cannot, as each builds on earlier ones (`scanUpdate`).
 */
export function isCircular(blocks: readonly Block[], clockOf: (client: number) => number): boolean {
	const placed = new Map(blocks.map(({ client }) => [client, clockOf(client)]));
	const isThere = ({ client, clock }: Id) => clock < (placed.get(client) ?? clockOf(client));
	let queues = blocks.map((block): Queue => {
		return { block, known: clockOf(block.client), met: 0 };
	});
	for (let hasMoved = true; hasMoved;) {
		hasMoved = false;
		for (const queue of queues) {
			const place = advance(queue, isThere);
			hasMoved ||= place !== placed.get(queue.block.client);
			placed.set(queue.block.client, place);
		}
		queues = queues.filter(({ block, met }) => met < block.needs.length);
	}
	return queues.length > 0;
}

/** Places as many structs as what they need allows; gives the clock that it comes to. */
function advance(queue: Queue, isThere: (id: Id) => boolean): number {
	const { client, end, needs } = queue.block;
	for (let need = needs[queue.met]; need; need = needs[++queue.met]) {
		const isMet = need.by < queue.known || need.client === client || isThere(need);
		if (!isMet) return need.by;
	}
	return end;
}
