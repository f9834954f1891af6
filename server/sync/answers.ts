import type { HotDocument } from './hot.ts';
import { step2Frame, type Frame } from './peers/frames.ts';
import type { Peer } from './peers/peer.ts';

/** So many different answers are kept: those who come in or come back ask the same. */
const most = 4;

/** Answers to step 1: made once for all who ask the same while nothing changes. */
export class Answers {
	readonly #hot: HotDocument;
	readonly #look: (look: () => void) => void;
	/** The last step 1 of each peer that waits for an answer. */
	readonly #questions = new Map<Peer, Uint8Array>();
	readonly #known = new Map<string, Frame>();

	/** `look` runs something between two turns. */
	constructor(hot: HotDocument, look: (look: () => void) => void) {
		this.#hot = hot;
		this.#look = look;
		hot.doc.on('update', () => this.#known.clear());
	}

	/** Sends a peer what its document, with this state vector, lacks; whoever asks again meanwhile, once. */
	ask(peer: Peer, stateVector: Uint8Array): void {
		const isWaiting = this.#questions.has(peer);
		this.#questions.set(peer, stateVector);
		if (isWaiting) return;
		this.#look(() => {
			const last = this.#questions.get(peer) ?? stateVector;
			this.#questions.delete(peer);
			this.#give(peer, last);
		});
	}

	#give(peer: Peer, stateVector: Uint8Array): void {
		if (peer.isRefused) return;
		const key = Buffer.from(stateVector).toString('latin1');
		const known = this.#known.get(key);
		const frame = known ?? step2Frame(this.#hot.encodeFor(stateVector));
		if (!known) {
			peer.meter.answered(frame.length);
			this.#keep(key, frame);
		}
		peer.answer(frame);
	}

	#keep(key: string, frame: Frame): void {
		const [oldest] = this.#known.keys();
		if (this.#known.size >= most && oldest !== undefined) this.#known.delete(oldest);
		this.#known.set(key, frame);
	}
}
