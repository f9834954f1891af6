import { limits } from '#server/limits.ts';

interface Slot {
	/** When it runs next (monotonic ms), null if nobody asked. */
	dueAt: number | null;
	timer: NodeJS.Timeout | null;
	isQueued: boolean;
	running: Promise<void> | null;
	/** Not before this. */
	restUntil: number;
	failures: number;
}

/**
 * Runs a job per key when it is asked to: never twice at once for a key, a bounded number of keys at
 * a time, with a rest after each run that grows with what it cost. A job that fails is tried again,
 * ever more seldom, and keeps no other key from running.
 */
export class Schedule<Key> {
	readonly #job: (key: Key) => Promise<void>;
	readonly #slots = new Map<Key, Slot>();
	readonly #queue: Key[] = [];
	#active = 0;
	#isOver = false;

	constructor(job: (key: Key) => Promise<void>) {
		this.#job = job;
	}

	/** Has the job run within so many ms, or as soon as it has rested. Asked often, it runs no later for it. */
	ask(key: Key, withinMs: number): void {
		if (this.#isOver) return;
		const slot = this.#slot(key);
		const dueAt = Math.max(performance.now() + withinMs, slot.restUntil);
		if (slot.dueAt !== null && slot.dueAt <= dueAt) return;
		slot.dueAt = dueAt;
		if (!slot.running && !slot.isQueued) this.#arm(key, slot);
	}

	/** Runs the job at once, after a run that is under way; throws what the job throws. */
	async run(key: Key): Promise<void> {
		const slot = this.#slot(key);
		while (slot.running) await slot.running.catch(() => null);
		await this.#start(key, slot);
	}

	/** Takes no more questions and waits for what is under way; gives the keys that were still to run. */
	async end(): Promise<Key[]> {
		this.#isOver = true;
		for (const slot of this.#slots.values()) if (slot.timer) clearTimeout(slot.timer);
		for (const slot of this.#slots.values()) await slot.running?.catch(() => null);
		return Array.from(this.#slots).flatMap(([key, slot]) => (slot.dueAt === null ? [] : [key]));
	}

	#slot(key: Key): Slot {
		const known = this.#slots.get(key);
		if (known) return known;
		const slot = {
			dueAt: null,
			timer: null,
			isQueued: false,
			running: null,
			restUntil: 0,
			failures: 0,
		};
		this.#slots.set(key, slot);
		return slot;
	}

	#arm(key: Key, slot: Slot): void {
		this.#setTimer(slot, slot.dueAt ?? 0, () => {
			slot.isQueued = true;
			this.#queue.push(key);
			this.#startQueued();
		});
	}

	#setTimer(slot: Slot, at: number, then: () => void): void {
		if (slot.timer) clearTimeout(slot.timer);
		slot.timer = setTimeout(then, Math.max(0, at - performance.now()));
	}

	#startQueued(): void {
		while (this.#active < limits.followersAtWork && !this.#isOver) {
			const key = this.#queue.shift();
			if (key === undefined) return;
			const slot = this.#slot(key);
			slot.isQueued = false;
			// Somebody may have run it meanwhile; a failure is known already.
			if (slot.dueAt !== null && !slot.running) this.#start(key, slot).catch(() => null);
		}
	}

	#start(key: Key, slot: Slot): Promise<void> {
		if (slot.timer) clearTimeout(slot.timer);
		slot.dueAt = null;
		this.#active += 1;
		const startedAt = performance.now();
		const running = this.#job(key);
		slot.running = running;
		running.then(
			() => this.#ended(key, slot, { failures: 0, tookMs: performance.now() - startedAt }),
			() => this.#ended(key, slot, { failures: slot.failures + 1, tookMs: 0 }),
		);
		return running;
	}

	#ended(key: Key, slot: Slot, { failures, tookMs }: { failures: number; tookMs: number }): void {
		this.#active -= 1;
		slot.running = null;
		slot.failures = failures;
		slot.restUntil = performance.now() + (failures > 0 ? retryMs(failures) : restMs(tookMs));
		if (failures > 0) slot.dueAt = slot.restUntil;
		if (this.#isOver) return;
		if (slot.dueAt === null) this.#setTimer(slot, slot.restUntil, () => this.#slots.delete(key));
		else {
			slot.dueAt = Math.max(slot.dueAt, slot.restUntil);
			this.#arm(key, slot);
		}
		this.#startQueued();
	}
}

/** How long a job rests after it has failed so many times in a row. */
export function retryMs(failures: number): number {
	const { first, most } = limits.persisterRetryMs;
	return Math.min(most, first * 2 ** (failures - 1));
}

/** A run that cost much is followed by a long rest: a tenth of the time is for deriving. */
function restMs(tookMs: number): number {
	return Math.min(limits.projectionRestMs, Math.max(limits.projectionMs, 9 * tookMs));
}
