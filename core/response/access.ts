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

export type Action = 'read' | 'edit' | 'command' | 'declare' | 'administer';

/** The incident as far as permission depends on it; null for actions that concern none. */
export interface Guarded {
	readonly isSealed: boolean;
}
