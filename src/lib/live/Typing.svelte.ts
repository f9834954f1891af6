import { createSubscriber } from 'svelte/reactivity';
import type { Awareness } from 'y-protocols/awareness';
import type { PersonId } from '#core/ids.ts';

const typingMs = 3_000;

/** Who is typing where, as the connection's awareness tells; the server names the person. */
export class Typing {
	readonly #awareness: Awareness;
	readonly #heard: () => void;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#last: ReadonlyMap<PersonId, string> = new Map();
	readonly #places = $derived.by(() => {
		this.#heard();
		const places = readPlaces(this.#awareness);
		if (!isSame(places, this.#last)) this.#last = places;
		return this.#last;
	});

	constructor(awareness: Awareness) {
		this.#awareness = awareness;
		this.#heard = createSubscriber((update) => {
			awareness.on('change', update);
			return () => awareness.off('change', update);
		});
	}

	/** The place of everybody who types right now. */
	get places(): ReadonlyMap<PersonId, string> {
		return this.#places;
	}

	/** Tells the others where I type; it ends by itself. */
	in(place: string | null): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = place === null ? null : setTimeout(() => this.in(null), typingMs);
		const { typing = null } = (this.#awareness.getLocalState() ?? {}) as { typing?: string | null };
		if (typing !== place) this.#awareness.setLocalStateField('typing', place);
	}

	[Symbol.dispose](): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
	}
}

function readPlaces(awareness: Awareness): ReadonlyMap<PersonId, string> {
	const places = new Map<PersonId, string>();
	for (const [client, state] of awareness.getStates()) {
		if (client === awareness.clientID) continue;
		const { typing, user } = state as { typing?: unknown; user?: { id?: unknown } };
		if (typeof typing === 'string' && typeof user?.id === 'string') {
			places.set(user.id as PersonId, typing);
		}
	}
	return places;
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
	return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
