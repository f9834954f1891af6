import { guessColumns, headerOf, isTable } from '#core/incident/historyFile/columns.ts';
import {
	columnFields,
	historyFileLimits,
	type ColumnField,
	type Columns,
} from '#core/incident/historyFile/historic.ts';
import type { Came } from './came.ts';

/** The columns of a table, and which of them says what. */
export interface Table {
	readonly header: readonly string[];
	readonly columns: Columns;
}

/** The columns of a table, as they are called, and what they are taken for; null if the text is none. */
export function tableOf(text: string): Table | null {
	if (!isTable(text)) return null;
	const header = headerOf(text).filter((name) => name !== '');
	return mapped(header.slice(0, historyFileLimits.columns), new FormData());
}

/** What a form says of columns, as far as there are such; what it does not say goes by their names. */
export function mapped(header: readonly string[], form: FormData): Table {
	const given = columnFields.flatMap((field) => {
		const column = form.get(field);
		const isKnown = typeof column === 'string' && (column === '' || header.includes(column));
		return isKnown ? [[field, column] as const] : [];
	});
	return { header, columns: guessColumns(header, Object.fromEntries(given)) };
}

/** The question for the API that a form asks. */
export function queryOf(
	form: FormData,
	{ isDryRun, columns }: { isDryRun: boolean; columns: Columns | undefined },
): URLSearchParams {
	const query = new URLSearchParams();
	for (const name of ['source', 'zone', 'allOrNothing']) {
		const value = form.get(name);
		if (typeof value === 'string' && value.trim() !== '') query.set(name, value.trim());
	}
	const columnOf = (field: ColumnField) => columns?.[field] ?? '';
	if (columns) columnFields.forEach((field) => query.set(field, columnOf(field)));
	if (isDryRun) query.set('dryRun', 'true');
	return query;
}

interface Line {
	readonly done?: number;
	readonly of?: number;
	readonly result?: Came;
	readonly error?: { readonly message: string };
}

/** How far an import is. */
export interface Progress {
	readonly done: number;
	readonly of: number;
}

/** Sends a file with how it is to be read; `heard` is called as it goes on. Gives what came of it, or a sentence. */
export async function sendFile(
	file: ArrayBuffer,
	query: URLSearchParams,
	heard: (progress: Progress) => void,
): Promise<Came | string> {
	const type = 'application/x-ndjson';
	const response = await fetch(`/api/v1/imports/incidents?${query}`, {
		method: 'POST',
		headers: { 'content-type': type, accept: type },
		body: file,
	}).catch(() => null);
	if (!response) return 'Muster cannot be reached. Try again in a moment.';
	if (!response.ok || !response.body) {
		const answer = (await response.json().catch(() => null)) as Line | null;
		return answer?.error?.message ?? 'Muster does not answer as it should. Try again in a moment.';
	}
	try {
		for await (const { result, error, done, of } of linesOf(response.body)) {
			if (result) return result;
			if (error) return error.message;
			if (done !== undefined && of !== undefined) heard({ done, of });
		}
	} catch {
		// The connection broke: what is said below holds.
	}
	return query.has('dryRun')
		? 'The answer broke off. Try again.'
		: 'The answer broke off. Import the file again: what is here already is not imported twice.';
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = '';
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) yield JSON.parse(line) as Line;
	}
}
