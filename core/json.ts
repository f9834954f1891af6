/** A value of a JSON text, with the line on which it begins (from 1). */
export type JsonNode =
	| { readonly kind: 'list'; readonly line: number; readonly items: readonly JsonNode[] }
	| {
			readonly kind: 'object';
			readonly line: number;
			/** How much of the text it takes, in UTF-16 units. */
			readonly length: number;
			readonly fields: ReadonlyMap<string, JsonField>;
	  }
	| { readonly kind: 'string'; readonly line: number; readonly value: string }
	| { readonly kind: 'number'; readonly line: number; readonly value: number }
	| { readonly kind: 'boolean'; readonly line: number; readonly value: boolean }
	| { readonly kind: 'null'; readonly line: number };

/** A name in an object, with the line on which the name stands. */
export interface JsonField {
	readonly line: number;
	readonly node: JsonNode;
}

/** A text that is not JSON: what is wrong, and on which line (from 1). */
export class JsonFault extends Error {
	readonly line: number;

	constructor(message: string, line: number) {
		super(message);
		this.name = 'JsonFault';
		this.line = line;
	}
}

const deepest = 32;

/**
 * Reads a JSON text (RFC 8259) and remembers its lines, of which the first has this number. Throws a `JsonFault`; also for a name that
 * stands twice in an object, of which `JSON.parse` would drop one without a word.
 */
export function parseJson(text: string, firstLine = 1): JsonNode {
	const steps = jsonSteps(text, firstLine);
	for (;;) {
		const step = steps.next();
		if (step.done) return step.value;
	}
}

/** As `parseJson`, some thousand characters a step, for whoever has other things to do in between. */
export function* jsonSteps(text: string, firstLine = 1): Generator<void, JsonNode> {
	const reader = new JsonReader(text.startsWith('\ufeff') ? text.slice(1) : text, firstLine);
	const node = yield* reader.value(0);
	reader.end();
	return node;
}

const stepLength = 16_384;

class JsonReader {
	readonly #text: string;
	#at = 0;
	#line: number;
	/** Where the step began that is under way. */
	#stepAt = 0;

	constructor(text: string, firstLine: number) {
		this.#text = text;
		this.#line = firstLine;
	}

	*value(depth: number): Generator<void, JsonNode> {
		if (depth > deepest) throw this.#fault('This is nested too deeply.');
		const line = this.#skipBlanks();
		const start = this.#at;
		switch (this.#text[start]) {
			case '{': {
				const fields = yield* this.#fields(depth);
				return { kind: 'object', line, length: this.#at - start, fields };
			}
			case '[':
				return { kind: 'list', line, items: yield* this.#items(depth) };
			default:
				return this.#leaf(line);
		}
	}

	/** Whether a bracket comes next. Most things hold nothing else, and need no step of their own. */
	#isNested(): boolean {
		const sign = this.#text[this.#at];
		return sign === '{' || sign === '[';
	}

	/** What holds nothing else. */
	#leaf(line: number): JsonNode {
		if (this.#text[this.#at] !== '"') return this.#word(line);
		return { kind: 'string', line, value: this.#string() };
	}

	end(): void {
		this.#skipBlanks();
		if (this.#at < this.#text.length) throw this.#fault('Nothing can follow the end of the value.');
	}

	*#fields(depth: number): Generator<void, Map<string, JsonField>> {
		const fields = new Map<string, JsonField>();
		for (let isMore = this.#begins('}'); isMore; isMore = this.#goesOn('}')) {
			const line = this.#skipBlanks();
			if (this.#text[this.#at] !== '"') throw this.#unexpected('a name in double quotes');
			const name = this.#string();
			if (fields.has(name))
				throw new JsonFault(`${quoted(name)} stands twice in one object.`, line);
			this.#skipBlanks();
			if (!this.#take(':')) throw this.#unexpected(`a colon after ${quoted(name)}`);
			const nodeLine = this.#skipBlanks();
			const node = this.#isNested() ? yield* this.value(depth + 1) : this.#leaf(nodeLine);
			fields.set(name, { line, node });
			if (this.#isStepOver()) yield;
		}
		return fields;
	}

	*#items(depth: number): Generator<void, JsonNode[]> {
		const items: JsonNode[] = [];
		for (let isMore = this.#begins(']'); isMore; isMore = this.#goesOn(']')) {
			const line = this.#skipBlanks();
			items.push(this.#isNested() ? yield* this.value(depth + 1) : this.#leaf(line));
			if (this.#isStepOver()) yield;
		}
		return items;
	}

	/** At an opening bracket: whether anything stands before the closing one. */
	#begins(close: string): boolean {
		this.#at += 1;
		this.#skipBlanks();
		return !this.#take(close);
	}

	/** Behind one of the things between brackets: whether a comma and another one follow. */
	#goesOn(close: string): boolean {
		this.#skipBlanks();
		if (this.#take(',')) return true;
		if (!this.#take(close)) throw this.#unexpected(`a comma or ${close}`);
		return false;
	}

	#isStepOver(): boolean {
		if (this.#at - this.#stepAt < stepLength) return false;
		this.#stepAt = this.#at;
		return true;
	}

	#string(): string {
		const start = this.#at;
		for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at++) {
			const code = this.#text.charCodeAt(this.#at);
			if (Number.isNaN(code)) throw this.#fault('The file ends within a text.');
			if (code < 0x20)
				throw this.#fault('A text cannot hold a line break or control character as it is.');
			if (this.#text[this.#at] === '\\') this.#at += 1;
		}
		this.#at += 1;
		try {
			return JSON.parse(this.#text.slice(start, this.#at)) as string;
		} catch (cause) {
			throw Object.assign(this.#fault('This text has an escape that JSON does not know.'), {
				cause,
			});
		}
	}

	#word(line: number): JsonNode {
		const word = /[-+.\w]*/y;
		word.lastIndex = this.#at;
		const [text = ''] = word.exec(this.#text) ?? [];
		const node = nodeOf(text, line);
		if (!node) throw this.#unexpected('a value');
		this.#at += text.length;
		return node;
	}

	#skipBlanks(): number {
		for (; ; this.#at++) {
			const sign = this.#text[this.#at];
			if (sign === '\n') this.#line += 1;
			else if (sign !== ' ' && sign !== '\t' && sign !== '\r') return this.#line;
		}
	}

	#take(sign: string): boolean {
		if (this.#text[this.#at] !== sign) return false;
		this.#at += 1;
		return true;
	}

	#unexpected(wanted: string): JsonFault {
		const sign = this.#text[this.#at];
		if (sign === undefined) return this.#fault(`The file ends where ${wanted} should be.`);
		return this.#fault(`Here should be ${wanted}, not ${quoted(sign)}.`);
	}

	#fault(message: string): JsonFault {
		return new JsonFault(message, this.#line);
	}
}

function nodeOf(word: string, line: number): JsonNode | null {
	if (word === 'null') return { kind: 'null', line };
	if (word === 'true' || word === 'false') return { kind: 'boolean', line, value: word === 'true' };
	const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word);
	return isNumber ? { kind: 'number', line, value: Number(word) } : null;
}

function quoted(text: string): string {
	return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
