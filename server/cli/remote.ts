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
		request: { body?: object | string; key?: string } = {},
	): Promise<z.core.output<T>> {
		for (let attempt = 1; ; attempt++) {
			const { status, text } = await this.#send(route, request);
			const mayRepeat = request.key !== undefined && attempt < attempts;
			if (mayRepeat && (status === 503 || status === 504)) {
				await pause(patienceMs);
				continue;
			}
			if (status >= 200 && status < 300) return this.#read(text, answer);
			throw new Failure(this.#refusalIn(text) ?? `${this.#stranger} It answers ${status}.`);
		}
	}

	async #send(
		route: string,
		{ body, key }: { body?: object | string; key?: string },
	): Promise<{ status: number; text: string }> {
		const [method, path] = route.split(' ') as [string, string];
		const sent = typeof body === 'object' ? JSON.stringify(body) : body;
		try {
			const response = await fetch(`${this.url}/api/v1${path}`, {
				method,
				headers: {
					Authorization: `Bearer ${this.#token}`,
					...(key !== undefined && { 'Idempotency-Key': key }),
					...(sent !== undefined && { 'Content-Type': 'application/json' }),
				},
				...(sent !== undefined && { body: sent }),
			});
			return { status: response.status, text: await response.text() };
		} catch (error) {
			throw new Failure(`Muster cannot be reached at ${this.url} (${reasonOf(error)}).`);
		}
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
