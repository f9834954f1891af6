import type { Bench } from './bench.ts';
import type { Clock } from './Clock.svelte.ts';
import { Network } from './Network.svelte.ts';
import { savedOf, type Saved, type Transit } from './saved.ts';

/** What the indicator does not hear by itself. */
export interface Told extends Pick<Transit, 'readOnly' | 'refusal' | 'isOutdated'> {
	readonly bench: Bench | null;
}

/** Gathers what is known of the way to the server, for the one indicator that says where my changes are. */
export class Indicator {
	readonly #clock: Clock;
	readonly #told: () => Told;
	readonly #network = new Network();
	#version = $state(0);
	#backInSync = $state.raw<Transit['backInSync']>(null);
	#storeAwaySince = $state<number | null>(null);
	#presenceLostAt: number | null = null;
	#entriesBefore: number | null = null;
	readonly #saved = $derived.by(() => this.#read());

	constructor(clock: Clock, told: () => Told) {
		this.#clock = clock;
		this.#told = told;
	}

	get saved(): Saved {
		return this.#saved;
	}

	/** The connection is another than before, or what is confirmed. */
	changed(bench: Bench | null): void {
		this.#version += 1;
		if (!bench) return;
		const { connection, entries } = bench;
		if (connection.downSince !== null && connection.hasSynced) {
			this.#entriesBefore ??= entries;
		}
		if (!connection.isCaughtUp || this.#entriesBefore === null) return;
		const came = Math.max(0, entries - this.#entriesBefore);
		this.#backInSync = { at: Date.now(), entries: came };
		this.#entriesBefore = null;
	}

	/** Since when the server cannot save what it takes (epoch ms), or null. */
	storeIs(awaySince: number | null): void {
		this.#storeAwaySince = awaySince;
	}

	/** The presence socket notices a dead line sooner than the document's. */
	presenceIs(isUp: boolean): void {
		this.#presenceLostAt = isUp ? null : Date.now();
		this.#version += 1;
	}

	#read(): Saved {
		void this.#version;
		const { bench, ...told } = this.#told();
		const isOnServer = typeof window === 'undefined';
		return savedOf({
			now: isOnServer ? 0 : (void this.#clock.now, Date.now()),
			unacked: bench?.ledger.unacked ?? 0,
			oldestUnackedSince: bench?.ledger.oldestUnackedSince ?? null,
			downSince: bench && !isOnServer ? this.#downSince(bench) : null,
			isCaughtUp: bench?.connection.isCaughtUp ?? false,
			storeAwaySince: this.#storeAwaySince,
			isOnline: this.#network.isOnline,
			backInSync: this.#backInSync,
			...told,
		});
	}

	#downSince({ connection }: Bench): number | null {
		if (connection.downSince !== null) return connection.downSince;
		const lost = this.#presenceLostAt;
		return lost !== null && connection.lastHeardAt < lost ? lost : null;
	}
}
