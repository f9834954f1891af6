import { expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { emptyState } from '#core/incident/fold.ts';
import { incidentOf } from '#core/incident/reading.ts';
import { wayBack, withoutExpects } from '../../../src/lib/live/wishes.ts';

const ada = 'aaaaaaaa-0000-4000-8000-000000000001' as PersonId;
const grace = 'aaaaaaaa-0000-4000-8000-000000000002' as PersonId;
const before = {
	...incidentOf(emptyState),
	severity: 'SEV3' as const,
	roles: { ...emptyState.roles, ops: { person: ada, since: 0, acting: false } },
};

test('the way back of a severity is the one before, unless somebody changed it meanwhile', () => {
	expect(wayBack({ type: 'setSeverity', severity: 'SEV1' }, before)).toEqual({
		type: 'setSeverity',
		severity: 'SEV3',
		expects: 'SEV1',
	});
});

test('a role goes back to who held it, or to nobody', () => {
	expect(wayBack({ type: 'assignRole', role: 'ops', person: grace }, before)).toEqual({
		type: 'assignRole',
		role: 'ops',
		person: ada,
		expects: grace,
	});
	expect(wayBack({ type: 'assignRole', role: 'comms', person: grace }, before)).toEqual({
		type: 'releaseRole',
		role: 'comms',
		expects: grace,
	});
	expect(wayBack({ type: 'releaseRole', role: 'ops' }, before)).toEqual({
		type: 'assignRole',
		role: 'ops',
		person: ada,
		expects: null,
	});
});

test('resolving has no quick way back', () => {
	expect(wayBack({ type: 'setStatus', status: 'resolved' }, before)).toBe(null);
});

test('whoever insists sends the same command without what was seen', () => {
	expect(withoutExpects({ type: 'setSeverity', severity: 'SEV1', expects: 'SEV3' })).toEqual({
		type: 'setSeverity',
		severity: 'SEV1',
	});
});
