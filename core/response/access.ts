import type { PersonId } from '../ids.ts';

/** What a person is to this installation. */
export const accesses = ['viewer', 'responder', 'admin'] as const;
export type Access = (typeof accesses)[number];

/** Somebody who is signed in, or a token that acts as one. */
export interface Person {
	readonly id: PersonId;
	readonly name: string;
	readonly kind: 'user' | 'token' | 'system';
	readonly access: Access;
}

/** What somebody may want to do. */
export type Action =
	| 'read'
	| 'edit'
	| 'command'
	| 'declare'
	/** Write down what is learnt of an incident, open or closed: actions, feedback, problems. */
	| 'learn'
	/** Take back what somebody deleted. */
	| 'undelete'
	/** Go back to any version, and leave out what cannot be opened. */
	| 'restore'
	/** Remove something for good, from the history too; also of closed incidents. */
	| 'remove'
	| 'administer';

/** The incident as far as permission depends on it; null for actions that concern none. */
export interface Guarded {
	readonly isSealed: boolean;
}

/** Who may do what: the one table. What a state allows beyond that is the lifecycle's to say. */
const table: Readonly<Record<Access, readonly Action[]>> = {
	viewer: ['read'],
	responder: ['read', 'edit', 'command', 'declare', 'learn', 'undelete'],
	admin: [
		...(['read', 'edit', 'command', 'declare', 'learn', 'undelete'] as const),
		...(['restore', 'remove', 'administer'] as const),
	],
};

const writing: readonly Action[] = ['edit', 'undelete', 'restore'];

/** Whether a person may do something, with this incident if it concerns one. Sealed ones take no edits. */
export function may(person: Person, action: Action, incident: Guarded | null): boolean {
	if (writing.includes(action) && incident?.isSealed) return false;
	return table[person.access].includes(action);
}
