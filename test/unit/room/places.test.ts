import { expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { emptyState } from '#core/incident/fold.ts';
import { byRole, hereWords } from '../../../src/lib/room/places.ts';

const here = (name: string) => ({
	person: `aaaaaaaa-0000-4000-8000-00000000000${name.length}` as PersonId,
	name,
	place: null,
	idle: false,
});

test('the commander stands first, then who has a role, then who came first', () => {
	const [ada, grace, linus, zoe] = [here('Ada'), here('Grace H'), here('Linus'), here('Zo')];
	const holds = (person: PersonId) => ({ person, since: 0, acting: false });
	const roles = {
		...emptyState.roles,
		commander: holds(grace.person),
		ops: holds(linus.person),
	};
	const names = byRole([zoe, ada, linus, grace], roles).map(({ name }) => name);
	expect(names).toEqual(['Grace H', 'Linus', 'Zo', 'Ada']);
});

test('who is away is not said to edit', () => {
	const ada = { ...here('Ada'), place: 'impact' };
	expect(hereWords(ada, null)).toBe('Ada — editing Impact');
	expect(hereWords({ ...ada, idle: true }, ada.person)).toBe('Ada (you) — away');
});
