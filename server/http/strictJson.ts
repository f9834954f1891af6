import { HTTPException } from 'hono/http-exception';
import { limits } from '#server/limits.ts';

/**
 * Reads a request's JSON: UTF-8 without a byte order mark, as RFC 8259 has it, no name twice in an
 * object, not nested deeper than the limit. Throws an `HTTPException` 400 on anything else.
 */
export function parseStrictly(bytes: Uint8Array): unknown {
	const text = decode(bytes);
	const value = parse(text);
	const fault = findFault(text);
	if (fault) throw new HTTPException(400, { message: fault });
	return value;
}

function decode(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch (cause) {
		throw new HTTPException(400, { message: 'The body is not UTF-8.', cause });
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new HTTPException(400, { message: 'The body is not JSON.', cause });
	}
}

/** What `JSON.parse` lets through, looked for in a text that is JSON. */
function findFault(text: string): string | null {
	const open: Set<string>[] = [];
	for (let i = 0; i < text.length; i++) {
		const sign = text[i];
		if (sign === '{' || sign === '[') {
			open.push(new Set());
			if (open.length > limits.bodyDepth) return 'The body is nested too deeply.';
		} else if (sign === '}' || sign === ']') {
			open.pop();
		} else if (sign === '"') {
			const end = endOfString(text, i);
			const isTwice = isName(text, end) && !take(open.at(-1), text.slice(i, end + 1));
			if (isTwice) return 'The body has a name twice in one object.';
			i = end;
		}
	}
	return null;
}

/** Notes a member's name; false if its object has it already. */
function take(names: Set<string> | undefined, string: string): boolean {
	const name = JSON.parse(string) as string;
	if (names?.has(name)) return false;
	names?.add(name);
	return true;
}

function endOfString(text: string, start: number): number {
	let i = start + 1;
	while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
	return i;
}

/** In JSON a string before a colon is a member's name. */
function isName(text: string, end: number): boolean {
	let i = end + 1;
	while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i += 1;
	return text[i] === ':';
}
