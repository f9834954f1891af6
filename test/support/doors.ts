import type { Access, Person } from '#core/response/access.ts';
import { Auth } from '#server/auth/auth.ts';
import { createApi } from '#server/http/api.ts';
import { invitationRoutes } from '#server/http/api/invitations.ts';
import { peopleRoutes } from '#server/http/api/people.ts';
import { sessionRoutes } from '#server/http/api/session.ts';
import { setupRoutes } from '#server/http/api/setup.ts';
import { tokenRoutes } from '#server/http/api/tokens.ts';
import type { ApiRouter } from '#server/http/router.ts';
import { noBuckets } from '#server/buckets.ts';
import { createLog } from '#server/log.ts';
import type { Database } from '#server/storage/database.ts';
import { testDatabase } from './database.ts';
import { until } from './until.ts';

export const adminToken = 'an-admin-token-for-tests-only';
export const goodPassword = 'correct horse battery';

export interface Reply {
	readonly status: number;
	readonly headers: Headers;
	/** What was answered: whatever the test expects of it. */
	readonly body: Partial<{
		person: Person;
		people: Person[];
		tokens: { id: string; name: string; access: Access; createdAt: string }[];
		error: { code: string; message: string; field?: string };
		url: string;
		token: string;
		id: string;
		needed: boolean;
	}>;
}

/** Sign-in on a database of its own, asked over its API; it remembers whom it told what. */
export class Doors implements AsyncDisposable {
	readonly db: Database;
	readonly auth: Auth;
	/** Sessions whose sockets were told to end, and people whose sockets were told to ask again. */
	readonly signedOut: string[];
	readonly changed: string[];
	/** Epoch ms; a test moves it. */
	readonly clock: { now: number };
	/** Sessions that have an open socket. */
	readonly sockets: string[];
	readonly #api: ApiRouter;

	private constructor(
		parts: Pick<Doors, 'db' | 'auth' | 'signedOut' | 'changed' | 'clock' | 'sockets'>,
	) {
		this.db = parts.db;
		this.auth = parts.auth;
		this.signedOut = parts.signedOut;
		this.changed = parts.changed;
		this.clock = parts.clock;
		this.sockets = parts.sockets;
		this.#api = apiFor(parts.auth);
	}

	static async open({
		publicUrl = 'http://muster.test',
		on,
	}: { publicUrl?: string; on?: Database } = {}): Promise<Doors> {
		const db = on ?? (await testDatabase());
		const [signedOut, changed, sockets]: string[][] = [[], [], []] as const;
		const clock = { now: Date.now() };
		const auth = await Auth.open({
			db,
			log: createLog('silent'),
			publicUrl,
			adminToken,
			now: () => clock.now,
			buckets: noBuckets,
			onSignedOut: (session) => signedOut.push(session),
			onAccessChanged: (person) => changed.push(person),
			openSessions: () => sockets,
		});
		return new Doors({ db, auth, signedOut, changed, clock, sockets });
	}

	/** Somebody with a browser that holds cookies, or a script that holds a token. */
	visitor(options: { token?: string; address?: string } = {}): TestVisitor {
		return new TestVisitor(this.#api, options);
	}

	/** A browser in which the first admin, ada, is signed in. */
	async firstAdmin(): Promise<TestVisitor> {
		const ada = this.visitor();
		const token = this.auth.setupLink()?.split('/').at(-1);
		const email = 'ada@example.com';
		const reply = await ada.call('POST', '/setup', {
			token,
			name: 'Ada',
			email,
			password: goodPassword,
		});
		if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
		return ada;
	}

	/** A browser in which somebody whom this admin invited is signed in. */
	async guest(
		admin: TestVisitor,
		name: string,
		access: Access = 'responder',
	): Promise<TestVisitor> {
		const { body } = await admin.call('POST', '/invitations', { access });
		const path = `/invitations/${body.url?.split('/').at(-1)}`;
		const guest = this.visitor();
		const email = `${name.toLowerCase()}@example.com`;
		const reply = await guest.call('POST', path, { name, email, password: goodPassword });
		if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
		return guest;
	}

	/** Lets these calls go on at the same instant: all of them wait in the store while `table` is locked. */
	async atOnce(calls: (() => Promise<Reply>)[], table: 'people' | 'invitations'): Promise<Reply[]> {
		const { sql } = this.db;
		const isWaiting = async () => {
			const rows = await sql`
				select from pg_stat_activity
				where datname = current_database() and wait_event_type = 'Lock'`;
			return rows.length === calls.length;
		};
		const replies = await sql.begin(async (tx) => {
			// Readers and lockers of rows pass, writers wait.
			await tx`lock table ${tx(table)} in share mode`;
			const all = Promise.all(calls.map((call) => call()));
			await until('all calls wait in the store', isWaiting);
			return { all };
		});
		return replies.all;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.auth[Symbol.asyncDispose]();
		await this.db[Symbol.asyncDispose]();
	}
}

/** Asks the API and keeps its cookies, as a browser does. */
export class TestVisitor {
	readonly cookies = new Map<string, string>();
	readonly #api: ApiRouter;
	readonly #token: string | undefined;
	readonly #address: string;

	constructor(api: ApiRouter, options: { token?: string; address?: string }) {
		this.#api = api;
		this.#token = options.token;
		this.#address = options.address ?? '192.0.2.1';
	}

	async call(
		method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
		path: string,
		body?: unknown,
	): Promise<Reply> {
		const headers = new Headers({ origin: 'http://muster.test' });
		if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`);
		if (this.cookies.size > 0) headers.set('cookie', this.cookieHeader);
		if (body !== undefined) headers.set('content-type', 'application/json');
		const json = body === undefined ? null : JSON.stringify(body);
		const request = { method, headers, body: json };
		const response = await this.#api.request(`/api/v1${path}`, request, { address: this.#address });
		for (const line of response.headers.getSetCookie()) this.#keep(line);
		const text = await response.text();
		const { status } = response;
		return {
			status,
			headers: response.headers,
			body: text ? (JSON.parse(text) as Reply['body']) : {},
		};
	}

	get cookieHeader(): string {
		return Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
	}

	/** Who this visitor is to the API, or the status of its refusal. */
	async who(): Promise<string | number> {
		const { status, body } = await this.call('GET', '/session');
		return body.person?.name ?? status;
	}

	#keep(line: string): void {
		const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? [];
		if (/max-age=0/i.test(line)) this.cookies.delete(name);
		else this.cookies.set(name, value);
	}
}

function apiFor(auth: Auth): ApiRouter {
	return createApi({
		log: createLog('silent'),
		now: Date.now,
		auth,
		buckets: noBuckets,
		isOwnOrigin: () => true,
		answered: () => undefined,
		refused: () => undefined,
		routes: [sessionRoutes, setupRoutes, invitationRoutes, peopleRoutes, tokenRoutes].map(
			(routes) => routes({ auth }),
		),
	});
}
