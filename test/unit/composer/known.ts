import type { Known } from '../../../core/composer/grammar.ts';
import type { PersonId } from '../../../core/ids.ts';
import { emptyState } from '../../../core/incident/fold.ts';

const person = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}` as PersonId;

export const ada = person(1);
export const grace = person(2);
export const linus = person(3);
export const linda = person(4);

/** 2026-11-24 03:00:20 UTC: Ada types; Grace has Ops, Linus commands for the time being. */
export const now = Date.UTC(2026, 10, 24, 3, 0, 20);

export const known: Known = {
	now,
	me: ada,
	people: [
		{ id: ada, name: 'Ada Lovelace' },
		{ id: grace, name: 'Grace Hopper' },
		{ id: linus, name: 'Linus' },
		{ id: linda, name: 'Linda Hamilton' },
	],
	room: {
		title: 'checkout is down',
		severity: 'SEV3',
		status: 'investigating',
		roles: {
			...emptyState.roles,
			commander: { person: linus, since: now, acting: true },
			ops: { person: grace, since: now, acting: false },
		},
	},
};
