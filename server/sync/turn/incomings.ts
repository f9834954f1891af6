import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { scanUpdate, type Scan } from '../gate/scan.ts';
import type { Peer } from '../peers/peer.ts';

/** An update that a peer sent and that waits for its turn. */
export interface Incoming {
	readonly peer: Peer;
	readonly n: number;
	readonly kind: 'update' | 'step2';
	readonly bytes: Uint8Array;
	readonly scan: Scan;
	/** Epoch ms. */
	readonly receivedAt: number;
}

/**
 * The edits that wait for a room's next turn. Nothing is dropped: when they are too many, nothing more
 * is read from anybody until a turn took some.
 */
export class Incomings {
	readonly #holdBack: (isFull: boolean) => void;
	readonly #waiting: Incoming[] = [];
	#bytes = 0;

	/** `holdBack` hears when it is full, and when no longer. */
	constructor(holdBack: (isFull: boolean) => void) {
		this.#holdBack = holdBack;
	}

	get isEmpty(): boolean {
		return this.#waiting.length === 0;
	}

	/** Takes an edit from a peer (`now` in epoch ms). Throws `Malformed`, and a `Refusal` for too much. */
	take(peer: Peer, { kind, bytes }: Pick<Incoming, 'kind' | 'bytes'>, now: number): void {
		if (kind === 'update' && bytes.length > limits.updateBytes) {
			throw new Refusal('tooLarge', 'This edit is larger than 1 MiB.', 'edit');
		}
		peer.meter.edit(kind, bytes.length);
		peer.received += 1;
		const scan = scanUpdate(bytes);
		this.add({ peer, n: peer.received, kind, bytes, scan, receivedAt: now });
	}

	add(edit: Incoming): void {
		this.#waiting.push(edit);
		this.#bytes += costOf(edit);
		if (this.#bytes > limits.incomingBytes) this.#holdBack(true);
	}

	/** What one turn takes: all that waits, or the first of it as far as a turn may be large. */
	takeTurn(): Incoming[] {
		let bytes = 0;
		let count = 0;
		for (const edit of this.#waiting) {
			if (count > 0 && bytes + edit.bytes.length > limits.turnBytes) break;
			bytes += edit.bytes.length;
			count += 1;
		}
		const taken = this.#waiting.splice(0, count);
		this.#bytes -= taken.reduce((sum, edit) => sum + costOf(edit), 0);
		if (this.#bytes <= limits.incomingBytes) this.#holdBack(false);
		return taken;
	}
}

/** Small edits cost more memory than their bytes: what was found in them waits with them. */
function costOf({ bytes }: Incoming): number {
	return bytes.length + 1_024;
}
