import { afterAll, beforeAll, expect, test } from 'vitest';
import { Doors, goodPassword, type TestVisitor } from '../../support/doors.ts';

const million = 'x'.repeat(1e6);
const loneSurrogate = 'ada\ud800';
const account = { name: 'Grace', email: 'grace@example.com', password: goodPassword };

let doors: Doors;
let admin: TestVisitor;
let invitation: string;

beforeAll(async () => {
	doors = await Doors.open();
	admin = await doors.firstAdmin();
	const { body } = await admin.call('POST', '/invitations', { access: 'viewer' });
	invitation = `/invitations/${body.url?.split('/').at(-1)}`;
});
afterAll(() => doors[Symbol.asyncDispose]());

const badNames = [
	'',
	'   ',
	million,
	'a\0b',
	loneSurrogate,
	'two\nlines',
	'\u200b\u200b',
	7,
	null,
	['Grace'],
];
const badEmails = [
	'',
	'ada',
	'ada@example',
	`${million}@example.com`,
	'a\0@example.com',
	'a b@example.com',
	7,
	null,
];
const badPasswords = [
	'',
	'elevenchars',
	'x'.repeat(201),
	million,
	'twelve chars\0',
	`${goodPassword}\ud800`,
	12,
	null,
];
const badAccesses = ['owner', '', 'ADMIN', 0, null, ['admin'], '__proto__'];

const cases = [
	...badNames.map((name) => ['POST', 'invitation', { ...account, name }, 'name'] as const),
	...badEmails.map((email) => ['POST', 'invitation', { ...account, email }, 'email'] as const),
	...badPasswords.map(
		(password) => ['POST', 'invitation', { ...account, password }, 'password'] as const,
	),
	['POST', 'invitation', { ...account, access: 'admin' }, 'access'] as const,
	['POST', 'invitation', { ...account, id: '0' }, 'id'] as const,
	['POST', 'invitation', { email: account.email, password: goodPassword }, 'name'] as const,
	['POST', '/session', { ...account }, 'name'] as const,
	['POST', '/session', { email: account.email }, 'password'] as const,
	['POST', '/session', { email: account.email, password: '' }, 'password'] as const,
	['POST', '/session', { email: account.email, password: million }, 'password'] as const,
	['POST', '/session', { email: 'ada', password: goodPassword }, 'email'] as const,
	...badAccesses.map((access) => ['POST', '/invitations', { access }, 'access'] as const),
	['POST', '/invitations', { access: 'viewer', used_at: null }, 'used_at'] as const,
	['POST', '/invitations', { access: 'viewer', name: million }, 'name'] as const,
	['POST', '/invitations', { access: 'viewer', email: 'ada' }, 'email'] as const,
	...badAccesses.map(
		(access) => ['POST', '/tokens', { name: 'deploys', access }, 'access'] as const,
	),
	...badNames.map((name) => ['POST', '/tokens', { name, access: 'viewer' }, 'name'] as const),
	['POST', '/tokens', { name: 'deploys', access: 'viewer', token: 'mine' }, 'token'] as const,
	...badAccesses.map((access) => ['PATCH', 'grace', { access }, 'access'] as const),
	['PATCH', 'grace', { access: 'viewer', name: 'Grace' }, 'name'] as const,
	['POST', '/setup', { ...account, token: 7 }, 'token'] as const,
];

test.each(cases)(
	'%s %s with %j is refused and names the field, and nothing is written',
	async (...[method, path, body, field]) => {
		const before = await everything();
		const address =
			path === 'invitation'
				? invitation
				: path === 'grace'
					? `/people/${crypto.randomUUID()}`
					: path;
		const reply = await admin.call(method, address, body);
		expect(reply.status).toBe(422);
		expect(reply.body.error).toMatchObject({ code: 'invalid', field });
		expect(reply.body.error?.message).toMatch(/^[A-Z].{5,120}\.$/);
		expect(await everything()).toEqual(before);
	},
);

async function everything(): Promise<unknown> {
	const { sql } = doors.db;
	return Promise.all([
		sql`select id, name, access from people`,
		sql`select used_at from invitations`,
		sql`select person from tokens`,
		sql`select id from sessions`,
	]);
}

test.each([
	'<script>alert(1)</script>',
	"'; drop table people; --",
	'{{7*7}}',
	'\u202egnp.exe',
	'Zoë 🦄 O’Brien',
])('a name is kept as it was typed: %s', async (name) => {
	const { body } = await admin.call('POST', '/tokens', { name, access: 'viewer' });
	const { body: listed } = await admin.call('GET', '/tokens');
	expect(listed.tokens?.find(({ id }) => id === body.id)?.name).toBe(name);
});
