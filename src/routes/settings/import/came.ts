import type { HistoryFormat } from '#core/incident/historyFile/historic.ts';
import type { Kind, Severity } from '#core/incident/lifecycle.ts';

/** What came, or would come, of a file, as the API says it. Instants are ISO 8601 UTC. */
export interface Came {
	readonly format: HistoryFormat;
	readonly isDryRun: boolean;
	readonly rows: number;
	readonly imported: number;
	readonly there: number;
	readonly wrong: number;
	readonly changed: readonly { readonly line: number; readonly number: number }[];
	readonly errors: readonly RowFault[];
	readonly warnings: readonly string[];
	readonly first: readonly Taken[];
	readonly holds: {
		readonly kinds: Readonly<Record<string, number>>;
		readonly severities: Readonly<Record<string, number>>;
		readonly services: number;
		readonly updates: number;
		readonly from: string | null;
		readonly to: string | null;
	};
}

interface RowFault {
	readonly line: number;
	readonly field: string | null;
	readonly message: string;
}

/** A row as it is here, or would be. */
export interface Taken {
	readonly line: number;
	readonly sourceId: string;
	/** Null until it is here. */
	readonly number: number | null;
	readonly title: string;
	readonly kind: Kind;
	readonly severity: Severity | null;
	readonly status: string;
	readonly declared: string | null;
	readonly resolved: string | null;
	readonly services: readonly string[];
	readonly updates: number;
}

/** What came of it, in a sentence or two; `isWhole`: one wrong row was to keep all from being imported. */
export function sentenceOf(came: Came, isWhole: boolean): string {
	const { rows, imported, wrong, isDryRun } = came;
	if (isWhole && wrong > 0) {
		const none = isDryRun ? 'Nothing would be imported' : 'Nothing was imported';
		return `${none}, as you asked: ${counted(wrong, 'row')} of ${rows} cannot be read.`;
	}
	const known = rows - wrong - imported;
	const told = [
		known > 0 ? `${counted(known, 'incident')} ${known === 1 ? 'is' : 'are'} here already.` : '',
		wrong > 0 ? `${counted(wrong, 'row')} cannot be read and ${leftOut(came)}.` : '',
	].filter((sentence) => sentence !== '');
	const would = isDryRun ? 'would be imported' : imported === 1 ? 'was imported' : 'were imported';
	const none = known > 0 ? 'Nothing is new.' : 'There is nothing to import.';
	const first = imported > 0 ? `${counted(imported, 'incident')} ${would}.` : none;
	return [first, ...told].join(' ');
}

function leftOut({ wrong, isDryRun }: Came): string {
	if (isDryRun) return 'would be left out';
	return wrong === 1 ? 'was left out' : 'were left out';
}

/** `1 row`, `1,200 rows`. */
export function counted(count: number, noun: string): string {
	return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** The faults of rows in sentences, each once with all the lines that have it. */
export function faultsOf({ errors }: Came): readonly string[] {
	const lines = new Map<string, number[]>();
	for (const { line, message } of errors) {
		const same = lines.get(message);
		if (same) same.push(line);
		else lines.set(message, [line]);
	}
	return Array.from(lines, ([message, all]) => `${linesIn(all)}: ${message}`);
}

const mostLines = 12;

function linesIn(all: readonly number[]): string {
	if (all.length === 1) return `Line ${all[0]}`;
	const shown = all.slice(0, mostLines);
	const more = all.length - shown.length;
	return `Lines ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
