import * as Y from 'yjs';

/** One item as nobody's editor writes it. */
export interface Forged {
	readonly client: number;
	readonly clock?: number;
	readonly left?: Y.ID | null | undefined;
	readonly right?: Y.ID | null | undefined;
	/** A root's name, or the id of what holds it. */
	readonly parent?: string | Y.ID | undefined;
	readonly key?: string;
	readonly content: Y.Item['content'];
}

/** An update that holds these items, one client's after the other, and deletes nothing. */
export function forge(...items: readonly Forged[]): Uint8Array {
	const encoder = new Y.UpdateEncoderV1();
	const blocks = Map.groupBy(items, ({ client }) => client);
	encoder.writeLen(blocks.size);
	for (const [client, block] of blocks) {
		encoder.writeLen(block.length);
		encoder.writeLen(client);
		encoder.writeLen(block[0]?.clock ?? 0);
		for (const item of block) itemOf(item).write(encoder, 0);
	}
	encoder.writeLen(0);
	return encoder.toUint8Array();
}

function itemOf({ client, clock = 0, left, right, parent, key, content }: Forged): Y.Item {
	const id = Y.createID(client, clock);
	const home = (parent ?? null) as Y.ID | null;
	return new Y.Item(id, null, left ?? null, null, right ?? null, home, key ?? null, content);
}
