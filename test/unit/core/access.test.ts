import { expect, test } from 'vitest';
import { accesses, may, type Access, type Action } from '#core/response/access.ts';
import { ada } from '../../support/record.ts';

const actions: readonly Action[] = [
	...([
		'read',
		'edit',
		'command',
		'declare',
		'learn',
		'undelete',
		'restore',
		'administer',
	] as const),
];
const person = (access: Access) => ({ id: ada, name: 'Ada', kind: 'user', access }) as const;

/** What each may do with an open incident, with a closed one, and where none is concerned. */
const expected: Readonly<Record<Access, readonly [string, string, string]>> = {
	viewer: ['read', 'read', 'read'],
	responder: [
		'read edit command declare learn undelete',
		'read command declare learn',
		'read edit command declare learn undelete',
	],
	admin: [
		'read edit command declare learn undelete restore administer',
		'read command declare learn administer',
		'read edit command declare learn undelete restore administer',
	],
};

test.each(accesses)('a %s may do what the table says, and nothing else', (access) => {
	const allowed = [{ isSealed: false }, { isSealed: true }, null].map((incident) =>
		actions.filter((action) => may(person(access), action, incident)).join(' '),
	);
	expect(allowed).toEqual(expected[access]);
});
