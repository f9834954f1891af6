import type { Clock } from '#server/sync/clock.ts';

interface Event {
	readonly at: number;
	/** Of two at the same instant the one that was planned first comes first. */
	readonly n: number;
	readonly run: () => void;
	isOff: boolean;
}

/**
 * A clock that goes as fast as it can: whatever is planned happens in its order, and each time all
 * that follows from it at once. Nothing in a simulation may wait for anything else.
 */
export class SimulatedTime {
	#now = Date.UTC(2026, 0, 1);
	#planned = 0;
	readonly #events: Event[] = [];

	/** Epoch ms, whole ones. */
	get now(): number {
		return Math.floor(this.#now);
	}

	/** With the fractions, for who plans several things in a certain order. */
	get instant(): number {
		return this.#now;
	}

	/** Plans something; gives what calls it off. */
	after(ms: number, run: () => void): () => void {
		const event = { at: this.#now + Math.max(0, ms), n: this.#planned++, run, isOff: false };
		insert(this.#events, event);
		return () => (event.isOff = true);
	}

	/** Lets time pass until the claim is true. Throws if that takes longer than so many ms. */
	async until(what: string, isTrue: () => boolean, withinMs: number): Promise<void> {
		const deadline = this.#now + withinMs;
		while (!isTrue()) {
			if (this.#now > deadline) throw new Error(`It does not come to pass: ${what}.`);
			await this.pass(100);
		}
	}

	async pass(ms: number): Promise<void> {
		let isOver = false;
		this.after(ms, () => (isOver = true));
		while (!isOver) await this.#step();
	}

	async #step(): Promise<void> {
		const event = this.#events.shift();
		if (!event) throw new Error('Nothing is planned any more.');
		if (event.isOff) return;
		this.#now = event.at;
		event.run();
		// All promises that follow from it are settled before the next macrotask.
		await new Promise((resolve) => setImmediate(resolve));
	}
}

/** Where a process runs: it can be frozen for a while, and killed. */
export class Host {
	readonly time: SimulatedTime;
	isGone = false;
	#frozenUntil = 0;

	constructor(time: SimulatedTime) {
		this.time = time;
	}

	/** For so long nothing happens here; all of it happens afterwards. */
	freeze(ms: number): void {
		this.#frozenUntil = this.time.now + ms;
	}

	get isFrozen(): boolean {
		return this.#frozenUntil > this.time.now;
	}

	/** Plans something that happens here, unless it is gone by then; gives what calls it off. */
	after(ms: number, run: () => void): () => void {
		let callOff = this.time.after(ms, () => {
			const frozenMs = this.#frozenUntil - this.time.now;
			if (this.isGone) return;
			if (frozenMs > 0) callOff = this.after(frozenMs, run);
			else run();
		});
		return () => callOff();
	}

	/** The clock of what runs here. */
	get clock(): Clock {
		const every = (ms: number, run: () => void) => {
			let end = () => {};
			const again = (): void => {
				end = this.after(ms, () => {
					again();
					run();
				});
			};
			again();
			return () => end();
		};
		return {
			now: () => this.time.now,
			after: (ms, run) => this.after(ms, run),
			every,
			round: () => new Promise((resolve) => void this.after(0, resolve)),
		};
	}
}

function insert(events: Event[], event: Event): void {
	let low = 0;
	for (let high = events.length; low < high;) {
		const middle = (low + high) >>> 1;
		const other = events[middle];
		if (other && (other.at < event.at || (other.at === event.at && other.n < event.n))) {
			low = middle + 1;
		} else high = middle;
	}
	events.splice(low, 0, event);
}
