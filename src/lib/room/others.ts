import type { PersonId } from '#core/ids.ts';

/** Somebody else who is in the same field. */
export interface Other {
	readonly person: PersonId;
	readonly name: string;
	readonly isTyping: boolean;
}

/** Who else is in a field, as a sentence; whoever types counts before those who only stand there. */
export function wordsOf(others: readonly Other[]): string {
	const typing = others.filter(({ isTyping }) => isTyping);
	const names = (typing.length > 0 ? typing : others).map(({ name }) => name);
	if (names.length === 0) return '';
	const verb = names.length === 1 ? 'is' : 'are';
	return `${names.join(', ')} ${verb} ${typing.length > 0 ? 'typing…' : 'here too'}`;
}
