import type { PersonId } from '#core/ids.ts';
import type { ActionKind } from '#core/learning/actions.ts';
import type { ActionChange, ActionRequest } from '#core/learning/actionsWire.ts';
import { sendApi } from '$lib/api.ts';
import { randomKey } from '$lib/live/randomKey.ts';

/** What somebody types of an action. */
export interface ActionFields {
	readonly title: string;
	readonly kind: ActionKind;
	readonly owner: PersonId | null;
	readonly dueOn: string | null;
	readonly link: string | null;
}

/** What can be done with actions; each gives what went wrong, or null. */
export interface ActionVerbs {
	/** Adds one to the incident; null where it is not said which. */
	readonly add: ((fields: ActionFields) => Promise<string | null>) | null;
	readonly change: (action: string, change: ActionChange) => Promise<string | null>;
}

/** What can be done with actions over the API, those that are new for one incident; `done` is called after each. */
export function actionVerbs(incident: string | null, done: () => unknown): ActionVerbs {
	const send = async (route: `POST /${string}` | `PATCH /${string}`, body: object) => {
		const reply = await sendApi(fetch, route, body);
		// Also what was refused may be another one meanwhile.
		await done();
		return reply.ok ? null : reply.message;
	};
	return {
		add:
			incident === null
				? null
				: (fields) => {
						const request: ActionRequest = { ...fields, idempotencyKey: randomKey() };
						return send(`POST /incidents/${incident}/actions`, request);
					},
		change: (action, change) => send(`PATCH /actions/${action}`, change),
	};
}
