import type { Incident } from '#core/incident/reading.ts';
import { limits } from '#server/limits.ts';
import { Bench, Spoilt } from './bench.ts';
import type { Job, Result } from './jobs.ts';
import type { Material, Verdict } from './material.ts';
import type { Removal, RemovalWork } from './removing.ts';

type RestoreJob = Omit<Job & { kind: 'restore' }, 'kind'>;
type MomentJob = Omit<Job & { kind: 'moment' }, 'kind'>;

/** Where documents that may do harm are worked on. */
export interface Workbench {
	try(material: Material): Promise<Verdict>;
	/** The state (Yjs V2) in which a part of a history ends; null if it cannot be opened. */
	advance(material: Material): Promise<Uint8Array | null>;
	/** Throws if it cannot be done. */
	restore(job: RestoreJob): Promise<Uint8Array | null>;
	/** Throws if it cannot be read. */
	readMoment(job: MomentJob): Promise<Incident>;
	/** Throws `Spoilt` if it takes too much. */
	remove(work: RemovalWork): Promise<Removal>;
}

/**
 * Processes of our own in which documents are tried before they are opened here: whatever a document
 * does, it does to one of them. One is kept warm, a second is there while the first is busy.
 */
export class Workshop implements Workbench, Disposable {
	/** Resolves once the first is warm. */
	readonly ready: Promise<void>;
	readonly #benches = new Set<Bench>();
	readonly #idle: Bench[] = [];
	readonly #waiting: (() => void)[] = [];
	#removing: Promise<unknown> = Promise.resolve();
	#isOver = false;

	/** Begins with one, which will be warm when somebody needs it. */
	constructor() {
		const first = this.#add();
		this.#idle.push(first);
		this.ready = first.ready;
	}

	async try(material: Material): Promise<Verdict> {
		try {
			return await this.#do({ kind: 'try', material });
		} catch (error) {
			if (!(error instanceof Spoilt)) throw error;
			return { isGood: false, at: error.step, why: error.message };
		}
	}

	async advance(material: Material): Promise<Uint8Array | null> {
		try {
			return await this.#do({ kind: 'advance', material });
		} catch (error) {
			if (!(error instanceof Spoilt)) throw error;
			return null;
		}
	}

	restore(job: RestoreJob): Promise<Uint8Array | null> {
		return this.#do({ ...job, kind: 'restore' });
	}

	/** One after the other: who opens a document does not wait for those that take minutes. */
	remove(work: RemovalWork): Promise<Removal> {
		const removal = this.#removing.then(() => this.#do({ ...work, kind: 'remove' }));
		this.#removing = removal.catch(() => undefined /* whoever asked for it hears of it */);
		return removal;
	}

	readMoment(job: MomentJob): Promise<Incident> {
		return this.#do({ ...job, kind: 'moment' });
	}

	async #do<Kind extends Job['kind']>(job: Job & { kind: Kind }): Promise<Result<Kind>> {
		const bench = await this.#take();
		try {
			return await bench.do<Kind>(job);
		} finally {
			this.#give(bench);
		}
	}

	async #take(): Promise<Bench> {
		for (;;) {
			if (this.#isOver) throw new Error('Muster is stopping.');
			const idle = this.#idle.pop();
			if (idle && !idle.isLost) return idle;
			if (idle) this.#benches.delete(idle);
			else if (this.#benches.size < limits.openAtOnce) return this.#add();
			else await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}

	#add(): Bench {
		const bench = new Bench();
		this.#benches.add(bench);
		return bench;
	}

	#give(bench: Bench): void {
		const isWanted = !bench.isLost && (this.#waiting.length > 0 || this.#idle.length === 0);
		if (isWanted) this.#idle.push(bench);
		else {
			bench[Symbol.dispose]();
			this.#benches.delete(bench);
		}
		if (this.#benches.size === 0 && !this.#isOver) this.#idle.push(this.#add());
		this.#waiting.shift()?.();
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		for (const bench of this.#benches) bench[Symbol.dispose]();
		for (const resume of this.#waiting.splice(0)) resume();
	}
}
