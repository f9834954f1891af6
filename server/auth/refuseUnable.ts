import type { ISql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { may, type Action } from '#core/response/access.ts';
import { findSomebodyHere } from '#server/storage/people.ts';

/**
 * Refuses to give something to somebody who is nobody of here (any more), or who may not do what that `needs`.
 * Nobody at all is fine.
 */
export async function refuseUnable(
	sql: ISql,
	asked: PersonId | null | undefined,
	{ field, needs }: { readonly field: string; readonly needs?: Action },
): Promise<void> {
	if (asked === null || asked === undefined) return;
	const person = await findSomebodyHere(sql, asked);
	if (!person) throw new Refusal('invalid', 'There is no such person.', field);
	if (needs === undefined || may(person, needs, null)) return;
	throw new Refusal('invalid', `${person.name} may only read here. Name somebody else.`, field);
}
