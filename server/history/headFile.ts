import * as z from 'zod/mini';
import { documentOf, kindOf, type DocumentId, type IncidentId } from '#core/ids.ts';

/** A snapshot's head as it is told outside, one JSON object a line; `at` in ISO 8601. */
const publishedHead = z.object({
	incident: z.uuid(),
	number: z.int(),
	/** The incident's own history where it says nothing. */
	of: z.optional(z.literal('retro')),
	turn: z.int(),
	at: z.string(),
	head: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

/** The head of the history of an incident, or of its retrospective, after a turn. */
export interface PublishedHead {
	readonly document: DocumentId;
	readonly incident: IncidentId;
	readonly number: number;
	readonly turn: number;
	/** Epoch ms. */
	readonly at: number;
	readonly head: Uint8Array;
}

/** A head as a line of a file, with its end, and as the body of a request. */
export function writeHead({ document, incident, number, turn, at, head }: PublishedHead): string {
	const hex = Buffer.from(head).toString('hex');
	const of = kindOf(document) === 'retro' ? { of: 'retro' } : {};
	const line = { incident, number, ...of, turn, at: new Date(at).toISOString(), head: hex };
	return `${JSON.stringify(line)}\n`;
}

/** The heads of a file, and the numbers of the lines that hold none: a line may be torn. */
export function readHeads(text: string): { heads: readonly PublishedHead[]; unread: number[] } {
	const unread: number[] = [];
	const heads = text.split('\n').flatMap((line, i) => {
		if (line.trim() === '') return [];
		const head = headIn(line);
		if (!head) unread.push(i + 1);
		return head ?? [];
	});
	return { heads, unread };
}

function headIn(line: string): PublishedHead | null {
	const read = publishedHead.safeParse(parsed(line));
	if (!read.success) return null;
	const { at, head, of = 'room', ...rest } = read.data;
	const incident = rest.incident as IncidentId;
	return {
		...rest,
		document: documentOf(incident, of),
		incident,
		at: Date.parse(at),
		head: Buffer.from(head, 'hex'),
	};
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined; // no schema takes it
	}
}
