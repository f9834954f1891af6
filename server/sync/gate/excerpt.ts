import * as encoding from 'lib0/encoding';
import type { Block, Deletion, Id, Scan } from './scan.ts';

/** An update of these blocks of another update, and these deletions. */
export function encodeParts(
	bytes: Uint8Array,
	blocks: readonly Block[],
	deletions: readonly Deletion[],
): Uint8Array {
	return encodeUpdate(
		blocks.map(({ from, to }) => [bytes.subarray(from, to)]),
		deletions,
	);
}

/**
 * An update without what some clients wrote from a clock on, and without what builds on that, of
 * whichever client. Clients of whom nothing is in the update are meant too.
 */
export function encodeWithout(
	bytes: Uint8Array,
	{ blocks, deletions }: Scan,
	clocks: readonly Id[],
): Uint8Array {
	const ends = endsBefore(blocks, clocks);
	const parts = blocks.flatMap((block) => {
		const end = ends.get(block.client);
		const first = end === undefined ? null : block.items.find(({ clock }) => clock === end);
		if (!first) return [[bytes.subarray(block.from, block.to)]];
		if (first.index === 0) return [];
		const head = [first.index, block.client, block.clock];
		return [[numbers(head), bytes.subarray(block.structsAt, first.at)]];
	});
	const left = deletions.filter(({ client, clock, length }) => {
		return clock + length <= (ends.get(client) ?? Infinity);
	});
	return encodeUpdate(parts, left);
}

/** Up to which clock each client's structs stay, where not all do. */
function endsBefore(blocks: readonly Block[], clocks: readonly Id[]): Map<number, number> {
	const ends = new Map<number, number>();
	const cut = ({ client, clock }: { client: number; clock: number }): boolean => {
		const isSooner = clock < (ends.get(client) ?? Infinity);
		if (isSooner) ends.set(client, clock);
		return isSooner;
	};
	clocks.forEach(cut);
	for (let hasCut = true; hasCut;) {
		hasCut = false;
		for (const { client, needs } of blocks) {
			const lost = needs.find((need) => need.clock >= (ends.get(need.client) ?? Infinity));
			if (lost && cut({ client, clock: lost.by })) hasCut = true;
		}
	}
	return ends;
}

function encodeUpdate(
	blocks: readonly (readonly Uint8Array[])[],
	deletions: readonly Deletion[],
): Uint8Array {
	const byClient = Map.groupBy(deletions, ({ client }) => client);
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, blocks.length);
		for (const part of blocks.flat()) encoding.writeUint8Array(encoder, part);
		encoding.writeVarUint(encoder, byClient.size);
		for (const [client, ranges] of byClient) {
			const body = ranges.flatMap(({ clock, length }) => [clock, length]);
			encoding.writeUint8Array(encoder, numbers([client, ranges.length, ...body]));
		}
	});
}

function numbers(values: readonly number[]): Uint8Array {
	return encoding.encode((encoder) => {
		for (const value of values) encoding.writeVarUint(encoder, value);
	});
}
