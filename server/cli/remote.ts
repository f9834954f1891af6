import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';

/** What a command has around it. */
export interface Surroundings {
	readonly env: NodeJS.ProcessEnv;
	/** Answers, for people and scripts. */
	readonly write: (text: string) => void;
	/** Everything else. */
	readonly complain: (text: string) => void;
}

/** Why a command could not do what it should, in one line. */
export class Failure extends Error {}

const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** JSON as an object or a text; or a file's bytes, of the blob's type. */
type Body = object | string | Blob;

interface Sent {
	readonly body?: Body;
	readonly key?: string;
	readonly accept?: string;
}

const attempts = 5;
const patienceMs = 1_000;

/** The Muster that commands speak to. */
export class Remote {
	readonly url: string;
	readonly #token: string;

	/** Reads MUSTER_URL and MUSTER_TOKEN. Throws a `Failure` if they cannot be. */
	constructor(env: NodeJS.ProcessEnv) {
		const url = URL.parse(env['MUSTER_URL'] || 'http://127.0.0.1:3000');
		if (!url || !/^https?:$/.test(url.protocol)) {
			throw new Failure(`MUSTER_URL must be an address like http://127.0.0.1:3000.`);
		}
		const token = env['MUSTER_TOKEN'] ?? '';
		if (token === '') throw new Failure('Set MUSTER_TOKEN to an API token: Settings makes one.');
		if (!/^[\x21-\x7e]+$/.test(token)) throw new Failure('MUSTER_TOKEN is not an API token.');
		this.url = url.href.replace(/\/$/, '');
		this.#token = token;
	}

	/** The address of an incident's room. */
	roomOf(number: number): string {
		return `${this.url}/i/${number}`;
	}

	/**
	 * Calls `/api/v1` and reads the answer by its schema. What carries a key is asked again while the
	 * store is away. Throws a `Failure` with the refusal's own sentence.
	 */
	async ask<T extends z.core.$ZodType>(
		route: `${'GET' | 'POST' | 'DELETE'} /${string}`,
		answer: T,
		request: Sent = {},
	): Promise<z.core.output<T>> {
		for (let attempt = 1; ; attempt++) {
			const { status, text } = await this.#send(route, request);
			const mayRepeat = request.key !== undefined && attempt < attempts;
			if (mayRepeat && (status === 503 || status === 504)) {
				await pause(patienceMs);
				continue;
			}
			if (status >= 200 && status < 300) return this.#read(text, answer);
			throw this.#failure(status, text);
		}
	}

	/** A file below `/api/v1`, with the name that the server gives it. Throws a `Failure`. */
	async download(path: `/${string}`): Promise<{ name: string; body: ReadableStream<Uint8Array> }> {
		const response = await this.#fetch(`GET ${path}`, {});
		if (!response.ok || !response.body) throw this.#failure(response.status, await response.text());
		const disposition = response.headers.get('content-disposition') ?? '';
		return { name: /filename="([^"]*)"/.exec(disposition)?.[1] ?? '', body: response.body };
	}

	/** Sends a file and reads an answer that comes line by line, each JSON. Throws a `Failure`. */
	async *lines(route: `POST /${string}`, body: Blob): AsyncGenerator<unknown> {
		const response = await this.#fetch(route, { body, accept: 'application/x-ndjson' });
		const type = response.headers.get('content-type') ?? '';
		if (!response.ok || !response.body || !type.startsWith('application/x-ndjson')) {
			throw this.#failure(response.status, await response.text());
		}
		let rest = '';
		const decoder = new TextDecoder();
		try {
			for await (const chunk of response.body) {
				const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
				rest = lines.pop() ?? '';
				for (const line of lines) yield parsed(line);
			}
		} catch (error) {
			throw this.#unreachable(error);
		}
	}

	async #send(route: string, request: Sent): Promise<{ status: number; text: string }> {
		const response = await this.#fetch(route, request);
		try {
			return { status: response.status, text: await response.text() };
		} catch (error) {
			throw this.#unreachable(error);
		}
	}

	async #fetch(route: string, { body, key, accept }: Sent): Promise<Response> {
		const [method, path] = route.split(' ') as [string, string];
		try {
			return await fetch(`${this.url}/api/v1${path}`, {
				method,
				headers: {
					Authorization: `Bearer ${this.#token}`,
					...(key !== undefined && { 'Idempotency-Key': key }),
					...(accept !== undefined && { Accept: accept }),
					...(body !== undefined && { 'Content-Type': typeOf(body) }),
				},
				...(body !== undefined && { body: bytesOf(body) }),
			});
		} catch (error) {
			throw this.#unreachable(error);
		}
	}

	#unreachable(error: unknown): Failure {
		return new Failure(`Muster cannot be reached at ${this.url} (${reasonOf(error)}).`);
	}

	#failure(status: number, text: string): Failure {
		return new Failure(this.#refusalIn(text) ?? `${this.#stranger} It answers ${status}.`);
	}

	#read<T extends z.core.$ZodType>(text: string, answer: T): z.core.output<T> {
		const read = z.safeParse(answer, parsed(text));
		if (read.success) return read.data;
		throw new Failure(this.#stranger);
	}

	#refusalIn(text: string): string | null {
		const read = z.safeParse(problem, parsed(text));
		if (!read.success) return null;
		const { code, message } = read.data.error;
		return code === 'signedOut' ? `MUSTER_TOKEN is not valid at ${this.url}.` : message;
	}

	get #stranger(): string {
		return `What is at ${this.url} does not answer like Muster.`;
	}
}

function typeOf(body: Body): string {
	return body instanceof Blob ? body.type : 'application/json';
}

function bytesOf(body: Body): string | Blob {
	if (typeof body === 'string' || body instanceof Blob) return body;
	return JSON.stringify(body);
}

function parsed(text: string): unknown {
	try {
		return text === '' ? null : JSON.parse(text);
	} catch {
		return undefined; // no schema takes it
	}
}

function reasonOf(error: unknown): string {
	const cause = error instanceof Error ? error.cause : undefined;
	if (cause instanceof Error && 'code' in cause) return String(cause.code);
	return error instanceof Error ? error.message : String(error);
}
