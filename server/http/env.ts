import type { Identity } from '#server/auth/identity.ts';

/** What every request to the API carries, set before a route is reached. */
export interface ApiEnv {
	Bindings: {
		/** The address that the request came from. */
		address: string;
	};
	Variables: {
		/** Who asks; null if nobody is signed in. */
		identity: Identity | null;
		/** The path of the route that answers, `none` for unknown ones. */
		route: string;
		/** Names this request in the answer and in the log. */
		requestId: string;
		/** The address that the request came from. */
		clientAddress: string;
	};
}
