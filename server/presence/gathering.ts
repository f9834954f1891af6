/** Gathers what was touched and delivers it together, a little later; never two deliveries at once. */
export class Gathering<Key> implements Disposable {
	readonly #waitMs: number;
	readonly #deliver: (keys: readonly Key[]) => Promise<void> | void;
	#touched = new Set<Key>();
	#timer: NodeJS.Timeout | null = null;
	#isDelivering = false;
	#isOver = false;

	/** `deliver` must not throw. */
	constructor(waitMs: number, deliver: (keys: readonly Key[]) => Promise<void> | void) {
		this.#waitMs = waitMs;
		this.#deliver = deliver;
	}

	touch(key: Key): void {
		if (this.#isOver) return;
		this.#touched.add(key);
		if (!this.#isDelivering) this.#timer ??= setTimeout(() => void this.#run(), this.#waitMs);
	}

	async #run(): Promise<void> {
		const keys = [...this.#touched];
		this.#touched = new Set();
		this.#timer = null;
		this.#isDelivering = true;
		try {
			await this.#deliver(keys);
		} finally {
			this.#isDelivering = false;
			const [next] = this.#touched;
			if (next !== undefined) this.touch(next);
		}
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		if (this.#timer) clearTimeout(this.#timer);
	}
}
