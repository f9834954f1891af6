import { randomUUID } from 'node:crypto';
import { limits } from '#server/limits.ts';
import type { Audience } from '../audience.ts';
import { updateFrame } from '../peers/frames.ts';
import type { Draft } from '../turn/draft.ts';
import { pendingTurn, type PendingTurn } from '../turn/pending.ts';
import type { Backlogs } from './backlog.ts';
import { deliver, type DeliveryParts } from './delivery.ts';
import { Outage } from './outage.ts';

export interface UnsavedParts extends DeliveryParts {
	readonly backlogs: Backlogs;
	readonly audience: Audience;
	/** Hears since when turns cannot be committed (epoch ms), and null once they can again. */
	readonly changed: (since: number | null) => void;
	/** What waits does not fit the document any more. */
	readonly failed: (error: unknown) => void;
}

/**
 * A room while its turns cannot be committed: they go to a file, then people see them, and one
 * after the other they are committed as soon as the store is back. Nothing is dropped.
 */
export class Unsaved {
	readonly #parts: UnsavedParts;
	#outage: Outage | null = null;
	#delivery: Promise<void> = Promise.resolve();

	constructor(parts: UnsavedParts) {
		this.#parts = parts;
	}

	/** Whether something waits. */
	get isOn(): boolean {
		return this.#outage !== null;
	}

	/** What waits, in order. */
	get turns(): readonly PendingTurn[] {
		return this.#outage?.turns ?? [];
	}

	/** The store does not answer. `first` is the turn that it may or may not have. */
	async begin(first: PendingTurn, then?: () => Promise<void>): Promise<void> {
		const { log, document, backlogs, clock } = this.#parts;
		log.warn({ document }, 'store is away: room goes on unsaved');
		const outage = new Outage({ clock, log }, backlogs.begin(document));
		this.#outage = outage;
		// Said first: what is to be kept may have to wait for room on the disk.
		this.#parts.changed(outage.since);
		await this.#keepAndShow(outage, first);
		await then?.();
		this.#startDelivery(outage);
	}

	/** Delivers what waits; what an earlier run left is part of the document already. */
	resume(outage: Outage): void {
		this.#outage = outage;
		this.#parts.changed(outage.since);
		this.#startDelivery(outage);
	}

	#startDelivery(outage: Outage): void {
		this.#delivery = this.#deliver(outage).catch(this.#parts.failed);
	}

	/** Takes a further turn; what changes nothing counts as saved once the turns before it are. */
	async take(draft: Draft): Promise<void> {
		const outage = this.#outage;
		const last = outage?.turns.findLast((turn) => turn.draft !== null)?.draft;
		if (draft.isEmpty && last) last.settled.push(...draft.settled);
		if (draft.isEmpty && !last) draft.settle();
		if (draft.isEmpty || !outage) return;
		await this.#keepAndShow(
			outage,
			pendingTurn({ nonce: randomUUID(), parts: draft.edits, draft }),
		);
		this.#parts.audience.holdBack(outage.bytes > limits.unsavedBytes);
	}

	/** Waits until nothing waits any more. */
	async quiet(): Promise<void> {
		await this.#delivery;
	}

	/** What waits stays in its file. */
	async close(): Promise<void> {
		await this.#outage?.file.close();
	}

	async #keepAndShow(outage: Outage, turn: PendingTurn): Promise<void> {
		await outage.add(turn);
		const { draft } = turn;
		if (draft?.changed) {
			this.#parts.audience.broadcast(updateFrame(draft.changed), draft.onlyAuthor);
		}
	}

	async #deliver(outage: Outage): Promise<void> {
		const { log, document, audience, isOver, changed } = this.#parts;
		// Asked again right before the end: what came in since belongs to this outage still.
		while (outage.turns.length > 0) {
			await deliver(outage, this.#parts);
			if (isOver()) return;
		}
		this.#outage = null;
		audience.holdBack(false);
		log.info({ document }, 'store is back: all is saved');
		changed(null);
		await outage.end();
	}
}
