import { createSubscriber } from 'svelte/reactivity';

/** Whether the browser says that it has a network. */
export class Network {
	readonly #heard = createSubscriber((update) => {
		addEventListener('online', update);
		addEventListener('offline', update);
		return () => {
			removeEventListener('online', update);
			removeEventListener('offline', update);
		};
	});

	get isOnline(): boolean {
		this.#heard();
		return typeof navigator === 'undefined' || navigator.onLine !== false;
	}
}
