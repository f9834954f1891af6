import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import * as z from 'zod/mini';
import { Refusal } from '#core/refusal.ts';

type Issue = z.core.$ZodIssue | z.core.$ZodRawIssue;

/** Where a schema has no words of its own, these are said, whoever parses with it. */
z.config({ customError: sentenceFor });

/** What a request's body says, by its schema. Throws a `Refusal` that names the field that is wrong. */
export async function readBody<T extends z.core.$ZodType>(
	c: Context,
	schema: T,
): Promise<z.core.output<T>> {
	const text = await c.req.text();
	if (text === '') throw new HTTPException(400, { message: 'The body is missing.' });
	const read = z.safeParse(schema, JSON.parse(text));
	if (read.success) return read.data;
	throw refusalOf(read.error.issues);
}

/** The first thing that is wrong, as a refusal. */
export function refusalOf([issue]: readonly z.core.$ZodIssue[]): Refusal {
	if (!issue) return new Refusal('invalid', 'This is not valid.');
	return new Refusal('invalid', issue.message, fieldOf(issue));
}

/** The field that an issue is about, as `roles.0.person`; the unknown one where there is no such field. */
function fieldOf(issue: Issue): string | undefined {
	const path = [...(issue.path ?? [])];
	if (issue.code === 'unrecognized_keys') path.push(...issue.keys.slice(0, 1));
	return path.length > 0 ? path.map(String).join('.').slice(0, 100) : undefined;
}

/** What is wrong with a value, for the person who reads the answer. */
function sentenceFor(issue: Issue): string {
	switch (issue.code) {
		case 'invalid_type':
			return `This must be ${nounFor(issue.expected)}.`;
		case 'invalid_value':
			return `This must be one of: ${wordsOf(issue.values)}.`;
		case 'invalid_union':
			if (!('options' in issue) || !issue.options) return 'This is not valid.';
			return `This must be one of: ${wordsOf(issue.options)}.`;
		case 'unrecognized_keys':
			return 'There is no such field.';
		case 'too_big':
			return `This must be at most ${issue.maximum}${unitOf(issue.origin)}.`;
		case 'too_small':
			return `This must be at least ${issue.minimum}${unitOf(issue.origin)}.`;
		default:
			return 'This is not valid.';
	}
}

function wordsOf(values: unknown): string {
	return Array.isArray(values) ? values.map(String).join(', ') : String(values);
}

function nounFor(expected: string): string {
	const isVowel = /^[aeiou]/.test(expected);
	return `${isVowel ? 'an' : 'a'} ${expected}`;
}

function unitOf(origin: string): string {
	return origin === 'string' ? ' characters long' : '';
}
