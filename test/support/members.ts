import type { Access } from '#core/response/access.ts';
import type { ApiAnswer, ApiRequest, TestApi } from './api.ts';

/** Somebody who has an account, signed in. */
export interface Member {
	readonly id: string;
	readonly name: string;
	/** Asks the API in their browser. */
	ask(route: string, request?: ApiRequest): Promise<ApiAnswer>;
}

/** Lets somebody join by an invitation. */
export async function join(
	api: TestApi,
	name: string,
	access: Access = 'responder',
): Promise<Member> {
	const invited = await api.ask('POST /invitations', { body: { access } });
	const token = (invited.body as { url: string }).url.split('/').at(-1) ?? '';
	const account = {
		name,
		email: `${name.toLowerCase()}@example.com`,
		password: 'correct horse battery',
	};
	const joined = await api.ask(`POST /invitations/${token}`, { token: null, body: account });
	const [cookie] = joined.headers.getSetCookie();
	if (!cookie) throw new Error(`${name} did not join: ${joined.text}`);
	const headers = { Cookie: cookie.split(';')[0] ?? '', Origin: api.publicUrl };
	const { person } = joined.body as { person: { id: string } };
	return {
		...{ id: person.id, name },
		ask: (route, request = {}) =>
			api.ask(route, { ...request, token: null, headers: { ...headers, ...request.headers } }),
	};
}
