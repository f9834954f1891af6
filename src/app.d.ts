import type { Person } from '#core/response/access.ts';

declare global {
	/** Answers `/api/v1` in this process; set by the server that runs the pages. */
	var musterApi: ((request: Request, from: { address: string }) => Promise<Response>) | undefined;

	namespace App {
		interface Error {
			message: string;
			/** Names this failure in the server's log. */
			id?: string;
			/** When it happened, epoch ms. */
			at?: number;
		}
		interface PageData {
			person: Person | null;
			/** What keeps the incident that is shown, however old it is. */
			hold?: { readonly by: { readonly name: string }; readonly reason: string } | null;
			/** Links that a page puts first in its tab order, beside *Skip to content*. */
			skipLinks?: readonly { readonly href: string; readonly label: string }[];
		}
	}
}

export {};
