import type { Answers, FromWorker, Progress, Question } from './messages.ts';

interface Waiting {
	readonly resolve: (answer: never) => void;
	readonly reject: (error: Error) => void;
}

/** A worker that is asked questions, so that the page stays quick while a history is worked through. */
export class Assistant implements Disposable {
	readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
	readonly #waiting = new Map<number, Waiting>();
	#asked = 0;

	constructor(onProgress: (progress: Progress) => void) {
		this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
			if ('progress' in data) return onProgress(data.progress);
			const waiting = this.#waiting.get(data.id);
			this.#waiting.delete(data.id);
			if ('fault' in data) waiting?.reject(new Error(data.fault));
			else waiting?.resolve(data.answer as never);
		};
		this.#worker.onerror = () => {
			for (const { reject } of this.#waiting.values()) reject(new Error('The worker has failed.'));
			this.#waiting.clear();
		};
	}

	/** Throws what went wrong, in words that say little to people. */
	ask<Kind extends Question['kind']>(question: Question & { kind: Kind }): Promise<Answers[Kind]> {
		const id = ++this.#asked;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve: resolve, reject });
			this.#worker.postMessage({ id, question });
		});
	}

	[Symbol.dispose](): void {
		this.#worker.terminate();
	}
}
