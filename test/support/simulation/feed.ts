import type { DocumentId } from '#core/ids.ts';
import { decodeTold, encodeTold } from '#server/cluster/turnFeed.ts';
import type { Feed, ToldTurn } from '#server/sync/nodes/feed.ts';
import type { Host } from './time.ts';

const lost = 0.15;
const twice = 0.1;
const latestMs = 300;

interface Listener {
	readonly host: Host;
	readonly document: DocumentId;
	readonly hear: (turn: ToldTurn) => void;
}

/** What nodes tell each other: late, in any order, twice, or not at all. */
export class SimulatedFeed {
	readonly #random: () => number;
	readonly #listeners = new Set<Listener>();

	constructor(random: () => number) {
		this.#random = random;
	}

	feedFor(host: Host): Feed {
		return {
			tell: (document, turn) => this.#tell(host, document, encodeTold(turn)),
			tellCarets: () => undefined,
			listen: (document, { turn: hear }) => {
				const listener = { host, document, hear };
				this.#listeners.add(listener);
				return () => this.#listeners.delete(listener);
			},
			onGap: () => undefined,
		};
	}

	#tell(from: Host, document: DocumentId, body: Uint8Array): void {
		for (const { host, hear, ...to } of this.#listeners) {
			if (host === from || to.document !== document || this.#random() < lost) continue;
			const copies = this.#random() < twice ? 2 : 1;
			for (let i = 0; i < copies; i++) {
				host.after(this.#random() * latestMs, () => {
					const told = decodeTold(body);
					if (told) hear(told);
				});
			}
		}
	}
}
