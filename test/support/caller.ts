import type * as Y from 'yjs';
import { readFacts } from '#core/incident/record.ts';
import { callApi, type TestPerson } from './people.ts';
import type { Muster } from './server.ts';

/** Something that was asked over the API, with its key and how it was answered; 0 for not at all. */
interface Call {
	readonly key: string;
	readonly route: `POST /${string}`;
	readonly body: object;
	status: number;
	answer: Promise<number>;
}

/** Somebody who acts over the API, under a key each time. Everything asked changes something. */
export class Caller {
	readonly name: string;
	readonly calls: Call[] = [];
	readonly #muster: Muster;
	readonly #incident: string;
	readonly #token: string;

	constructor(muster: Muster, incident: string, person: TestPerson) {
		this.#muster = muster;
		this.#incident = incident;
		this.name = person.name;
		this.#token = person.token;
	}

	/** Asks for a command or logs an entry; gives the status, 0 if nobody answered. */
	async call(kind: 'rename' | 'link' | 'entry'): Promise<number> {
		const key = `${this.name}-key-${this.calls.length + 1}`;
		const answer = Promise.resolve(0);
		const call: Call = { key, ...this.#requestOf(kind, key), status: 0, answer };
		this.calls.push(call);
		return this.#send(call);
	}

	/** Waits until nothing is under way any more. */
	async answered(): Promise<void> {
		await Promise.all(this.calls.map(({ answer }) => answer));
	}

	/** Asks again, under the same keys, for everything that was not answered clearly. */
	async repeatUnclear(): Promise<void> {
		for (const call of this.calls) if (!isClear(call)) await this.#send(call);
	}

	#requestOf(kind: 'rename' | 'link' | 'entry', key: string): Pick<Call, 'route' | 'body'> {
		const commands: `POST /${string}` = `POST /incidents/${this.#incident}/commands`;
		if (kind === 'rename') return { route: commands, body: { type: kind, title: `down, ${key}` } };
		if (kind === 'link') {
			return { route: commands, body: { type: kind, url: `https://example.com/${key}` } };
		}
		return { route: `POST /incidents/${this.#incident}/entries`, body: { text: key } };
	}

	#send(call: Call): Promise<number> {
		const body = { ...call.body, idempotencyKey: call.key };
		const asked = callApi(this.#muster, call.route, { body, token: this.#token });
		call.answer = asked.then(
			({ status }) => (call.status = status),
			() => (call.status = 0),
		);
		return call.answer;
	}
}

/** Done, or certainly not. */
function isClear({ status }: Call): boolean {
	return isDone(status) || status === 503;
}

function isDone(status: number): boolean {
	return status === 200 || status === 201;
}

/**
 * Where answers and facts do not go together, as sentences: what was answered as done is there once,
 * what was answered as not written is not there, and nothing has two effects.
 */
export function findMisheard(
	doc: Y.Doc,
	callers: readonly { calls: readonly Pick<Call, 'key' | 'status'>[] }[],
): string[] {
	const facts = Map.groupBy(readFacts(doc), ({ key }) => key);
	return callers
		.flatMap(({ calls }) => calls)
		.flatMap(({ key, status }) => {
			const count = facts.get(key)?.length ?? 0;
			if (count > 1) return [`${key} has ${count} effects`];
			if (isDone(status) && count === 0) return [`${key} was answered with ${status} and is lost`];
			if (status === 503 && count > 0) return [`${key} was answered with 503 and is there`];
			return [];
		});
}
