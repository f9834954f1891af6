import { createSubscriber } from 'svelte/reactivity';
import type * as Y from 'yjs';

/** A Yjs type as something that an effect can depend on. */
export function heard<Event>(type: Y.AbstractType<Event>): () => void {
	return createSubscriber((update) => {
		type.observe(update);
		return () => type.unobserve(update);
	});
}

/** A Yjs type with all that is in it as something that an effect can depend on. */
export function heardDeep<Event>(type: Y.AbstractType<Event>): () => void {
	return createSubscriber((update) => {
		type.observeDeep(update);
		return () => type.unobserveDeep(update);
	});
}
