import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { Access } from '#core/response/access.ts';
import { startApp, type App } from '#server/app.ts';
import type { Config } from '#server/config.ts';
import { createLog } from '#server/log.ts';

/** What the API answered; `body` is null where there was none. */
export interface ApiAnswer {
	readonly status: number;
	readonly headers: Headers;
	readonly body: unknown;
	readonly text: string;
}

export interface ApiRequest {
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Sent as it is. */
	readonly raw?: string | Uint8Array<ArrayBuffer>;
	/** The admin token unless given; null for none. */
	readonly token?: string | null;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who acts through an API token. */
export interface ApiPerson {
	readonly id: string;
	readonly name: string;
	readonly token: string;
}

/** A whole Muster without pages in this process, asked over HTTP. */
export class TestApi implements AsyncDisposable {
	readonly adminToken = 'a-token-that-only-tests-know';
	readonly publicUrl = 'http://muster.test';
	/** The lines of its log. */
	readonly log: string[];
	readonly #app: App;
	readonly #dataDir: string;

	private constructor(app: App, dataDir: string, log: string[]) {
		this.#app = app;
		this.#dataDir = dataDir;
		this.log = log;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#app.port}`;
	}

	static async start(databaseUrl: string, settings: Partial<Config> = {}): Promise<TestApi> {
		const dataDir = await mkdtemp(path.join(tmpdir(), 'muster-api-'));
		const lines: string[] = [];
		const destination = new Writable({
			write(chunk: Buffer, _encoding, done) {
				lines.push(chunk.toString());
				done();
			},
		});
		const app = await startApp({
			config: {
				port: 0,
				host: '127.0.0.1',
				publicUrl: 'http://muster.test',
				dataDir,
				databaseUrl,
				redisUrls: null,
				proxies: 0,
				adminToken: 'a-token-that-only-tests-know',
				persister: 'inside',
				headsFile: null,
				headsWebhook: null,
				retention: new Map(),
				logLevel: 'info',
				warnings: [],
				...settings,
			},
			log: createLog('warn', destination),
			pages: async () => (_request, _response, next) => next(),
		});
		return new TestApi(app, dataDir, lines);
	}

	/** Sends a request to `/api/v1`, or to another path of the server when it begins with two slashes. */
	async ask(route: string, request: ApiRequest = {}): Promise<ApiAnswer> {
		const [method = '', rest = ''] = route.split(' ');
		const target = rest.startsWith('//') ? rest.slice(1) : `/api/v1${rest}`;
		const { body, token = this.adminToken } = request;
		const raw = request.raw ?? (body === undefined ? null : JSON.stringify(body));
		const headers = new Headers({
			...(token !== null && { Authorization: `Bearer ${token}` }),
			...(raw !== null && { 'Content-Type': 'application/json' }),
			...request.headers,
		});
		const response = await fetch(this.url + target, { method, headers, body: raw });
		const text = await response.text();
		const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
		const read = isJson ? (JSON.parse(text) as unknown) : null;
		return { status: response.status, headers: response.headers, body: read, text };
	}

	/** Makes the first admin, by the link that the log shows. */
	async setUp(): Promise<void> {
		const token = this.#app.setupLink()?.split('/').at(-1);
		const account = { name: 'Root', email: 'root@example.com', password: 'correct horse battery' };
		const answer = await this.ask('POST /setup', { token: null, body: { token, ...account } });
		if (answer.status !== 201) throw new Error(`Not set up: ${answer.text}`);
	}

	/** Makes somebody who may do this much. */
	async invite(name: string, access: Access = 'responder'): Promise<ApiPerson> {
		const { status, body, text } = await this.ask('POST /tokens', { body: { name, access } });
		if (status !== 201) throw new Error(`No token for ${name}: ${text}`);
		return body as ApiPerson;
	}

	/** Declares an incident and gives its id. */
	async declare(title = 'checkout is down'): Promise<string> {
		const { status, body, text } = await this.ask('POST /incidents', { body: { title } });
		if (status !== 201) throw new Error(`Not declared: ${text}`);
		return (body as { id: string }).id;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#app[Symbol.asyncDispose]();
		await rm(this.#dataDir, { recursive: true, force: true });
	}
}
