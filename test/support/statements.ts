import type { Tap } from './link.ts';

/** A statement on its way to PostgreSQL. */
export interface Statement {
	/** In one line. */
	readonly text: string;
	/** What it was given, as it is on the wire. */
	readonly given: string;
	/** What came before it in its transaction; nothing for one that stands alone. */
	readonly before: readonly Statement[];
}

/** A point of a statement's life: on its way to PostgreSQL, or done there and not yet told. */
export interface Point {
	readonly when: 'asked' | 'done';
	readonly is: (statement: Statement) => boolean;
}

/**
 * Reads PostgreSQL's protocol on a wire, just enough to know what is asked and what is done, and
 * silences the whole wire at a point that a test names.
 */
export class StatementWatch {
	#awaited: { point: Point; reached: () => void } | null = null;
	#isSilent = false;

	/** Resolves in the instant when the point is reached; from then on nothing passes. */
	silenceAt(when: Point['when'], is: Point['is']): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#awaited = { point: { when, is }, reached: resolve };
		return promise;
	}

	/** New connections pass again; what was held up is lost. */
	goOn(): void {
		this.#isSilent = false;
		this.#awaited = null;
	}

	/** What reads along on one connection. */
	tap(): Tap {
		const conversation = new Conversation((when, statement) => this.#isAwaited(when, statement));
		const silenced = (pass: (chunk: Buffer) => Uint8Array) => (chunk: Buffer) => {
			if (this.#isSilent) return new Uint8Array();
			const bytes = pass(chunk);
			if (!conversation.isAtPoint) return bytes;
			this.#isSilent = true;
			this.#awaited?.reached();
			return bytes;
		};
		return {
			toServer: silenced((chunk) => conversation.ask(chunk)),
			toClient: silenced((chunk) => conversation.answer(chunk)),
		};
	}

	#isAwaited(when: Point['when'], statement: Statement): boolean {
		const point = this.#awaited?.point;
		return point?.when === when && point.is(statement);
	}
}

/** What is said on one connection, message by message. */
class Conversation {
	/** From here on nothing that it holds back may pass. */
	isAtPoint = false;
	readonly #isPoint: (when: Point['when'], statement: Statement) => boolean;
	readonly #asked = new Messages(true);
	readonly #answers = new Messages(false);
	/** Prepared statements by name. */
	readonly #texts = new Map<string, string>();
	/** Statements that are not answered yet, in order. */
	readonly #open: Statement[] = [];
	/** What was asked in the transaction that is open, if one is. */
	#transaction: readonly Statement[] | null = null;
	/** Answers to a statement whose end is a point: it is done once all of them are there. */
	#withheld: Buffer[] | null = null;

	constructor(isPoint: (when: Point['when'], statement: Statement) => boolean) {
		this.#isPoint = isPoint;
	}

	ask(chunk: Buffer): Uint8Array {
		const passing: Buffer[] = [];
		for (const message of this.#asked.take(chunk)) {
			const statement = this.#read(message);
			if (statement && this.#isPoint('asked', statement)) {
				this.isAtPoint = true;
				break;
			}
			if (statement) this.#open.push(statement);
			passing.push(message.bytes);
		}
		return Buffer.concat(passing);
	}

	answer(chunk: Buffer): Uint8Array {
		const passing: Buffer[] = [];
		for (const { kind, bytes } of this.#answers.take(chunk)) {
			const isEnd = kind === 'C' || kind === 'E';
			const done = isEnd ? this.#open.shift() : undefined;
			if (kind === 'C' && done && this.#isPoint('done', done)) this.#withheld = [];
			(this.#withheld ?? passing).push(bytes);
			// What stands alone is committed with the answer that says the server is ready again.
			if (kind === 'Z' && this.#withheld) this.isAtPoint = true;
			if (this.isAtPoint) break;
		}
		return Buffer.concat(passing);
	}

	#read({ kind, bytes }: Message): Statement | null {
		const words = bytes.subarray(5).toString('latin1').split('\0');
		const [first = '', second = ''] = words;
		if (kind === 'P') this.#texts.set(first, inOneLine(second));
		if (kind === 'Q') return this.#statement(inOneLine(first), '');
		if (kind !== 'B') return null;
		return this.#statement(this.#texts.get(second) ?? '', words.slice(2).join('\0'));
	}

	#statement(text: string, given: string): Statement {
		if (text.startsWith('begin')) this.#transaction = [];
		const statement = { text, given, before: this.#transaction ?? [] };
		const isEnd = text === 'commit' || text === 'rollback';
		this.#transaction = isEnd || !this.#transaction ? null : [...this.#transaction, statement];
		return statement;
	}
}

interface Message {
	/** Its letter; empty for the first one, which has none. */
	readonly kind: string;
	readonly bytes: Buffer;
}

/** Cuts a stream into the protocol's messages. */
class Messages {
	#rest = Buffer.alloc(0);
	#isFirst: boolean;

	constructor(hasGreeting: boolean) {
		this.#isFirst = hasGreeting;
	}

	*take(chunk: Buffer): Generator<Message> {
		this.#rest = Buffer.concat([this.#rest, chunk]);
		for (;;) {
			const at = this.#isFirst ? 0 : 1;
			if (this.#rest.length < at + 4) return;
			const length = at + this.#rest.readInt32BE(at);
			if (this.#rest.length < length) return;
			const bytes = this.#rest.subarray(0, length);
			const kind = this.#isFirst ? '' : bytes.toString('latin1', 0, 1);
			this.#rest = this.#rest.subarray(length);
			this.#isFirst = false;
			yield { kind, bytes };
		}
	}
}

function inOneLine(text: string): string {
	return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}
