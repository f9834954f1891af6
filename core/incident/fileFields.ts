import type { JsonField, JsonNode } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { instant, isPlainText } from '../wire.ts';

const nouns: Readonly<Record<JsonNode['kind'], string>> = {
	list: 'a list',
	object: 'an object',
	string: 'a text',
	number: 'a number',
	boolean: 'true or false',
	null: 'null',
};

/** A file is refused: which line (from 1) and which of its fields is to blame, and what is wrong there. */
export class BadLine extends Refusal {
	readonly line: number;
	/** What is wrong, without the line. */
	readonly sentence: string;

	constructor(line: number, sentence: string, field?: string) {
		super('invalid', `Line ${line}: ${sentence}`, field);
		this.line = line;
		this.sentence = sentence;
	}
}

/** Refuses a file with the line that is to blame and what is wrong there, in words. */
export function badLine(line: number, sentence: string): BadLine {
	return new BadLine(line, sentence);
}

/**
 * An object of a file, read field by field. Whatever is asked for is either there as it should be,
 * or absent (`null` counts as absent), or refused with its line; what nobody asked for is left over.
 */
export class FileFields {
	readonly line: number;
	readonly #fields: ReadonlyMap<string, JsonField>;
	readonly #asked = new Set<string>();

	/** `what` names the object for the sentence if it is none. */
	constructor(node: JsonNode, what: string) {
		if (node.kind !== 'object') throw badLine(node.line, `${what} must be an object in braces.`);
		this.line = node.line;
		this.#fields = node.fields;
	}

	/** Names that the object has, each with its line, of which nothing was read. */
	get leftOver(): readonly (readonly [string, number])[] {
		return Array.from(this.#fields, ([name, { line }]) => [name, line] as const).filter(
			([name]) => !this.#asked.has(name),
		);
	}

	has(name: string): boolean {
		return this.#fields.has(name);
	}

	node(name: string): JsonNode | null {
		this.#asked.add(name);
		const node = this.#fields.get(name)?.node ?? null;
		return node?.kind === 'null' ? null : node;
	}

	/** The lines and nodes of a list. */
	list(name: string): readonly JsonNode[] | null {
		const node = this.node(name);
		if (node === null) return null;
		if (node.kind !== 'list') throw this.#wrong(node, name, 'must be a list in brackets');
		return node.items;
	}

	/** A text as it stands, not empty, of at most so many UTF-16 units. */
	text(name: string, max: number): string | null {
		const node = this.node(name);
		if (node === null) return null;
		if (node.kind !== 'string')
			throw this.#wrong(node, name, `must be a text, not ${nouns[node.kind]}`);
		const { value } = node;
		if (value.trim() === '') throw this.#wrong(node, name, 'is empty');
		if (value.length > max) throw this.#wrong(node, name, `is longer than ${max} characters`);
		if (!isPlainText(value)) {
			throw this.#wrong(node, name, 'holds characters that cannot be stored');
		}
		return value;
	}

	/** An instant in epoch ms, from ISO 8601 with any offset. */
	instant(name: string): number | null {
		const node = this.node(name);
		if (node === null) return null;
		const at = readInstant(node.kind === 'string' ? node.value : '');
		if (typeof at === 'number') return at;
		const fault = at === 'zoneless' ? 'has no time zone' : 'is not an instant';
		throw this.#wrong(node, name, `${fault}: write it like 2017-01-31T23:00:00Z`);
	}

	flag(name: string): boolean | null {
		const node = this.node(name);
		if (node === null) return null;
		if (node.kind !== 'boolean') throw this.#wrong(node, name, 'must be true or false');
		return node.value;
	}

	/** What must be there: throws if it is not. */
	needed<T>(value: T | null, name: string): T {
		if (value === null) throw new BadLine(this.line, `“${name}” is missing.`, name);
		return value;
	}

	#wrong(node: JsonNode, name: string, fault: string): BadLine {
		return new BadLine(node.line, `“${name}” ${fault}.`, name);
	}
}

/** An instant in epoch ms from ISO 8601 with any offset, or why it is none. */
export function readInstant(text: string): number | 'zoneless' | 'none' {
	const written = text.trim();
	const read = instant.safeParse(standardForm(written));
	if (read.success) return read.data;
	const isZoneless = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/.test(written);
	return isZoneless ? 'zoneless' : 'none';
}

/** A blank for the T, small letters, no seconds, and +0100 or +01 for +01:00 are understood too. */
function standardForm(text: string): string {
	return text
		.toUpperCase()
		.replace(/^(\d{4}-\d\d-\d\d) /, '$1T')
		.replace(/(T\d\d:\d\d)(?=Z|[-+]|$)/, '$1:00')
		.replace(/([-+]\d\d)(\d\d)?$/, (_, hours: string, minutes = '00') => `${hours}:${minutes}`);
}
