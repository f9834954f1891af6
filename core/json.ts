/** A value of a JSON text, with the line on which it begins (from 1). */
export type JsonNode =
	| { readonly kind: 'list'; readonly line: number; readonly items: readonly JsonNode[] }
	| {
			readonly kind: 'object';
			readonly line: number;
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
	const reader = new JsonReader(text.startsWith('\ufeff') ? text.slice(1) : text, firstLine);
	const node = reader.value(0);
	reader.end();
	return node;
}

class JsonReader {
	readonly #text: string;
	#at = 0;
	#line: number;

	constructor(text: string, firstLine: number) {
		this.#text = text;
		this.#line = firstLine;
	}

	value(depth: number): JsonNode {
		if (depth > deepest) throw this.#fault('This is nested too deeply.');
		const line = this.#skipBlanks();
		switch (this.#text[this.#at]) {
			case '{':
				return { kind: 'object', line, fields: this.#fields(depth) };
			case '[':
				return { kind: 'list', line, items: this.#items(depth) };
			case '"':
				return { kind: 'string', line, value: this.#string() };
			default:
				return this.#word(line);
		}
	}

	end(): void {
		this.#skipBlanks();
		if (this.#at < this.#text.length) throw this.#fault('Nothing can follow the end of the value.');
	}

	#fields(depth: number): Map<string, JsonField> {
		const fields = new Map<string, JsonField>();
		this.#each('}', () => {
			const line = this.#skipBlanks();
			if (this.#text[this.#at] !== '"') throw this.#unexpected('a name in double quotes');
			const name = this.#string();
			if (fields.has(name))
				throw new JsonFault(`${quoted(name)} stands twice in one object.`, line);
			this.#skipBlanks();
			if (!this.#take(':')) throw this.#unexpected(`a colon after ${quoted(name)}`);
			fields.set(name, { line, node: this.value(depth + 1) });
		});
		return fields;
	}

	#items(depth: number): JsonNode[] {
		const items: JsonNode[] = [];
		this.#each(']', () => items.push(this.value(depth + 1)));
		return items;
	}

	/** Goes through what stands between brackets, separated by commas; none at the end. */
	#each(close: string, read: () => void): void {
		this.#at += 1;
		this.#skipBlanks();
		if (this.#take(close)) return;
		do {
			read();
			this.#skipBlanks();
		} while (this.#take(','));
		if (!this.#take(close)) throw this.#unexpected(`a comma or ${close}`);
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
