import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { ActionChange, ActionRequest } from '#core/learning/actionsWire.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { refuseUnable } from '#server/auth/refuseUnable.ts';
import { askerOf } from '#server/incidents/asker.ts';
import {
	findMadeAction,
	insertAction,
	lockAction,
	readActions,
	updateAction,
	type Action,
} from '#server/storage/actions.ts';
import { definedOf, overtaken, refuseOtherRequest } from './editing.ts';

/** What action items stand on. */
export interface ActionParts {
	readonly sql: Sql;
	readonly nameOf: NameOf;
}

/** Adds an action to an incident; a repetition under the same key gives the first one. Throws a `Refusal`. */
export async function addAction(
	{ sql }: ActionParts,
	by: Person,
	{ incident, request }: { readonly incident: IncidentId; readonly request: ActionRequest },
): Promise<{ readonly id: string; readonly isRepeat: boolean }> {
	const { key = null, print = null } = askerOf(by, `action ${incident}`, request);
	await refuseUnable(sql, request.owner, { field: 'owner' });
	const { title, kind = 'prevent', owner = null, dueOn = null, link = null } = request;
	const id = randomUUID();
	const isNew = await insertAction(sql, {
		...{ id, incident, title, kind, owner, dueOn, link, key, print },
		...{ takenFrom: request.takenFrom ?? null, by: by.id },
	});
	if (isNew) return { id, isRepeat: false };
	const before = key === null ? null : await findMadeAction(sql, by.id, key);
	if (!before) throw new Error('An action that was made under a key is not there.');
	refuseOtherRequest(before.print, print);
	return { id: before.id, isRepeat: true };
}

/**
 * Changes an action. Who saw an older one than there is now is refused, unless it is already as they want
 * it. Throws a `Refusal`.
 */
export async function changeAction(
	{ sql, nameOf }: ActionParts,
	by: Person,
	{ id, change }: { readonly id: string; readonly change: ActionChange },
): Promise<Action> {
	const { expects, ...wanted } = change;
	await refuseUnable(sql, wanted.owner, { field: 'owner' });
	return sql.begin(async (tx): Promise<Action> => {
		await lockAction(tx, id);
		const before = await readOne(tx, id);
		const after = { ...before, ...definedOf(wanted) };
		if (isSame(before, after)) return before;
		if (expects !== undefined && expects !== before.version) {
			throw overtaken('action', nameOf(before.changedBy));
		}
		const isOther = before.state !== after.state;
		await updateAction(tx, after, {
			by: by.id,
			isEnded: isOther ? after.state !== 'open' : null,
		});
		return readOne(tx, id);
	});
}

/** One action. Throws a `Refusal` if there is none of this id. */
export async function readOne(sql: Parameters<typeof readActions>[0], id: string): Promise<Action> {
	const [action] = await readActions(sql, { id }, 1);
	if (!action) throw new Refusal('unknown', 'There is no such action.');
	return action;
}

const fields = ['title', 'kind', 'owner', 'dueOn', 'state', 'link'] as const;

function isSame(before: Action, after: Action): boolean {
	return fields.every((field) => before[field] === after[field]);
}

/** Who has an action, if somebody of here has it. */
export function ownerOf({ owner, hasOwnerLeft }: Action): PersonId | null {
	return hasOwnerLeft ? null : owner;
}
