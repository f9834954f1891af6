import { may, type Access, type Action } from '#core/response/access.ts';
import type { PersonId } from '#core/ids.ts';

/**
 * What a route asks the one rights table for (`core/response/access.ts`), as a test expects it. `open`: for
 * everybody. `signedIn`: for whoever is signed in, about themselves.
 */
export type Right = Action | 'open' | 'signedIn';

export interface ExpectedRight {
	readonly right: Right;
	/** A body that is well-formed, for routes that read it before they ask who sends it. */
	readonly body?: object;
	readonly query?: string;
}

const reads = (...routes: readonly string[]) =>
	routes.map((route) => [route, { right: 'read' }] as const);
const learns = (route: string, body?: object) =>
	[route, { right: 'learn', ...(body && { body }) }] as const;
const administers = (route: string, body?: object) =>
	[route, { right: 'administer', ...(body && { body }) }] as const;

const account = { name: 'Eve', email: 'eve@example.com', password: 'correct horse battery' };
const timeline = { title: 'a', timezone: 'UTC', entries: [] };

/** Every route of `/api/v1`, as the OpenAPI description spells it. */
export const expectedRights: ReadonlyMap<string, ExpectedRight> = new Map<string, ExpectedRight>([
	['GET /openapi.json', { right: 'open' }],
	['GET /session', { right: 'open' }],
	['POST /session', { right: 'open', body: { email: account.email, password: 'wrong' } }],
	['DELETE /session', { right: 'signedIn' }],
	['GET /setup/state', { right: 'open' }],
	['POST /setup', { right: 'open', body: { token: 'wrong', ...account } }],
	['GET /invitations/{token}', { right: 'open' }],
	['POST /invitations/{token}', { right: 'open', body: account }],
	administers('POST /invitations', { access: 'viewer' }),
	...reads('GET /people'),
	administers('PATCH /people/{id}', { access: 'viewer' }),
	administers('DELETE /people/{id}'),
	['GET /tokens', { right: 'signedIn' }],
	['POST /tokens', { right: 'signedIn', body: { name: 'a', access: 'viewer' } }],
	['DELETE /tokens/{id}', { right: 'signedIn' }],
	...reads('GET /incidents', 'GET /incidents/{id}', 'GET /incidents/{id}/access'),
	['POST /incidents', { right: 'declare', body: { title: 'a' } }],
	[
		'POST /incidents/{id}/commands',
		{ right: 'command', body: { type: 'link', url: 'https://a.example' } },
	],
	['POST /incidents/{id}/entries', { right: 'command', body: { text: 'a' } }],
	...reads('GET /incidents/{id}/history', 'GET /incidents/{id}/exports'),
	['GET /incidents/{id}/at', { right: 'read', query: '?turn=1' }],
	['GET /incidents/{id}/export', { right: 'read', query: '?format=md' }],
	['POST /incidents/{id}/restore', { right: 'restore', body: { turn: 1 } }],
	...reads('GET /incidents/{id}/retro', 'GET /incidents/{id}/retro/versions/{version}'),
	['GET /retros/search', { right: 'read', query: '?q=pool' }],
	['GET /incidents/{id}/retro/at', { right: 'read', query: '?t=2026-11-24T02:13:00Z' }],
	['POST /incidents/{id}/retro/restore', { right: 'restore', body: { turn: 1 } }],
	['POST /incidents/{id}/retro', { right: 'command', body: {} }],
	['POST /incidents/{id}/retro/commands', { right: 'command', body: { type: 'revise' } }],
	...reads('GET /retro-template'),
	administers('PUT /retro-template', { sections: [{ heading: 'a', question: 'b?' }] }),
	administers('DELETE /retro-template'),
	['POST /incidents/{id}/removals', { right: 'remove', body: { text: 'nothing', reason: 'b' } }],
	...reads('GET /incidents/{id}/hold'),
	administers('POST /incidents/{id}/hold', { reason: 'a court' }),
	administers('DELETE /incidents/{id}/hold'),
	['POST /imports/timeline', { right: 'declare', body: timeline }],
	administers('POST /imports/bundle'),
	administers('POST /imports/incidents', {
		id: '1',
		title: 'a',
		started_at: '2024-01-01T00:00:00Z',
	}),
	...reads('GET /services'),
	administers('PUT /services', { name: 'a', team: null }),
	['DELETE /services', { right: 'administer', query: '?name=a' }],
	administers('POST /rebuild', {}),
	administers('GET /rebuild'),
	...reads('GET /incidents/{id}/actions', 'GET /actions', 'GET /incidents/{id}/feedback'),
	learns('POST /incidents/{id}/actions', { title: 'a' }),
	learns('PATCH /actions/{id}', { title: 'a' }),
	learns('DELETE /actions/{id}'),
	learns('POST /incidents/{id}/feedback', { scores: { detection: 0, roles: 0, again: 0 } }),
	...reads('GET /causes', 'GET /problems', 'GET /problems/{number}', 'GET /lessons', 'GET /retros'),
	...reads('GET /needs'),
	administers('POST /causes', { name: 'a' }),
	administers('PATCH /causes/{name}', { isRetired: true }),
	learns('POST /problems', { title: 'a' }),
	learns('PATCH /problems/{number}', { title: 'a' }),
	learns('DELETE /problems/{number}'),
	learns('POST /problems/{number}/incidents', { incident: '1' }),
	learns('DELETE /problems/{number}/incidents/{id}'),
	...reads('GET /metrics', 'GET /metrics/incidents', 'GET /settings/metrics'),
	administers('PATCH /settings/metrics', { downtimeSeverities: ['SEV1'] }),
]);

/** Whether somebody with this access may call a route, by the one table. */
export function mayCall(access: Access, right: Right): boolean {
	if (right === 'open' || right === 'signedIn') return true;
	return may({ id: '' as PersonId, name: '', kind: 'user', access }, right, null);
}

/** Rights that change nothing for anybody else: all others are writing. */
export const harmless: readonly Right[] = ['open', 'signedIn', 'read'];
