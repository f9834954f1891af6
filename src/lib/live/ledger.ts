/**
 * Which of my changes the server has. The server confirms the first n messages of a connection;
 * this keeps what each of them carried. Changes are numbered from 1 as they are made.
 */
export class Ledger {
	/** When each unconfirmed change was made (epoch ms), oldest first. */
	#times: number[];
	#confirmed = 0;
	/** Per message of this connection: the last change that the server has once it is confirmed. */
	#carried: number[] = [];
	/** The number of this connection's first step 2; before it nothing is known to be whole. */
	#firstStep2: number | null = null;
	#acked = 0;

	/** `left` are the times of changes that an earlier page could not deliver. */
	constructor(left: readonly number[] = []) {
		this.#times = [...left];
	}

	/** A change was made here. */
	made(at: number): void {
		this.#times.push(at);
	}

	/** A new connection counts from nothing. */
	opened(): void {
		this.#carried = [];
		this.#firstStep2 = null;
		this.#acked = 0;
	}

	/** A message left: a step 2 carries all that there is, an update the change just made. */
	sent(kind: 'step2' | 'update'): void {
		this.#carried.push(this.#confirmed + this.#times.length);
		if (kind === 'step2') this.#firstStep2 ??= this.#carried.length;
	}

	/** The server has this connection's first n messages. */
	acked(n: number): void {
		this.#acked = Math.max(this.#acked, Math.min(n, this.#carried.length));
		if (this.#firstStep2 === null || this.#acked < this.#firstStep2) return;
		const confirmed = this.#carried[this.#acked - 1] ?? 0;
		if (confirmed <= this.#confirmed) return;
		this.#times.splice(0, confirmed - this.#confirmed);
		this.#confirmed = confirmed;
	}

	/** How many changes the server has confirmed since this ledger began. */
	get confirmed(): number {
		return this.#confirmed;
	}

	get unacked(): number {
		return this.#times.length;
	}

	get oldestUnackedSince(): number | null {
		return this.#times[0] ?? null;
	}

	/** Whether the first step 2 and everything sent since is confirmed. */
	get isSettled(): boolean {
		return (
			this.#firstStep2 !== null &&
			this.#acked >= this.#firstStep2 &&
			this.#acked === this.#carried.length
		);
	}

	/** Whether this connection's first step 2 is confirmed. */
	get isWhole(): boolean {
		return this.#firstStep2 !== null && this.#acked >= this.#firstStep2;
	}
}
