import type { PersonId } from '#core/ids.ts';
import type { Access } from '#core/response/access.ts';
import type { Muster } from './server.ts';

/** Somebody who acts through an API token. */
export interface TestPerson {
	readonly id: PersonId;
	readonly name: string;
	readonly token: string;
}

/** What the API answered; `body` is null where there was none. */
export interface Answer {
	readonly status: number;
	readonly body: unknown;
}

/** Calls `/api/v1`, as the admin token unless a token is given. */
export async function callApi(
	muster: Pick<Muster, 'url' | 'adminToken'>,
	route: `${'GET' | 'POST' | 'DELETE'} /${string}`,
	request: { body?: unknown; token?: string } = {},
): Promise<Answer> {
	const [method, path] = route.split(' ') as [string, string];
	const response = await fetch(`${muster.url}/api/v1${path}`, {
		method,
		headers: {
			Authorization: `Bearer ${request.token ?? muster.adminToken}`,
			...(request.body !== undefined && { 'Content-Type': 'application/json' }),
		},
		...(request.body !== undefined && { body: JSON.stringify(request.body) }),
	});
	const text = await response.text();
	return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}

/** Makes a person who may do this much. */
export async function invite(
	muster: Pick<Muster, 'url' | 'adminToken'>,
	name: string,
	access: Access = 'responder',
): Promise<TestPerson> {
	const { status, body } = await callApi(muster, 'POST /tokens', { body: { name, access } });
	if (status !== 201) throw new Error(`No token for ${name}: ${status} ${JSON.stringify(body)}`);
	return body as TestPerson;
}

/** Declares an incident and gives its id. */
export async function declare(
	muster: Pick<Muster, 'url' | 'adminToken'>,
	title = 'checkout is down',
): Promise<string> {
	const { status, body } = await callApi(muster, 'POST /incidents', { body: { title } });
	if (status !== 201) throw new Error(`Not declared: ${status} ${JSON.stringify(body)}`);
	return (body as { id: string }).id;
}
