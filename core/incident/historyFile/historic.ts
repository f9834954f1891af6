import type { Kind, Severity, Status } from '../lifecycle.ts';

/** An incident as another system has kept it. Instants are epoch milliseconds; null is what it does not say. */
export interface Historic {
	/** Where it begins in the file, from 1. */
	readonly line: number;
	/** What the source calls itself, and the incident's id there: together they name it. */
	readonly source: string;
	readonly sourceId: string;
	readonly title: string;
	readonly url: string | null;
	readonly kind: Kind;
	readonly severity: Severity | null;
	/** `closed` if the source says when it was resolved. */
	readonly status: Status;
	readonly declaredAt: number | null;
	readonly resolvedAt: number | null;
	readonly impactStartedAt: number | null;
	readonly impactEndedAt: number | null;
	readonly services: readonly string[];
	readonly updates: readonly HistoricUpdate[];
}

/** What a source told the public. */
export interface HistoricUpdate {
	readonly at: number;
	readonly text: string;
}

/** What is wrong with a row of a file. */
export interface RowFault {
	readonly line: number;
	/** As the file calls it; null where it is no one field. */
	readonly field: string | null;
	/** A sentence, without the line. */
	readonly message: string;
}

export const historyFormats = ['jsonl', 'csv', 'statuspage'] as const;
export type HistoryFormat = (typeof historyFormats)[number];

export const historyFormatNames: Readonly<Record<HistoryFormat, string>> = {
	jsonl: 'JSON lines',
	csv: 'CSV',
	statuspage: 'Statuspage incidents.json',
};

/** A file of incidents, read: what can be taken over, and what is wrong with the rest. */
export interface HistoryFile {
	readonly format: HistoryFormat;
	readonly incidents: readonly Historic[];
	readonly faults: readonly RowFault[];
	/** What of good rows is not taken over, in sentences. */
	readonly warnings: readonly string[];
	/** Which column is read as what; empty unless it is CSV. */
	readonly columns: Columns;
}

/** What a column can say. */
export const columnFields = [
	'id',
	'title',
	'url',
	'declared',
	'resolved',
	'impactStarted',
	'impactEnded',
	'severity',
	'kind',
	'services',
] as const;
export type ColumnField = (typeof columnFields)[number];

/** How large a file may be: bytes, incidents in it, and the columns of a table. */
export const historyFileLimits = { bytes: 10 * 1024 * 1024, rows: 20_000, columns: 1_000 } as const;

/** Which column says what, by the names in the file's first line; `''` in what is given: none does. */
export type Columns = Readonly<Partial<Record<ColumnField, string>>>;

/** How a file is to be read. */
export interface Reading {
	/** Told by what the file holds unless given. */
	readonly format?: HistoryFormat | undefined;
	/** What the source calls itself; the host of the incidents' addresses unless given. */
	readonly source?: string | undefined;
	/** CSV only; guessed from the names for what is not given. */
	readonly columns?: Columns | undefined;
	/** Of times that name no zone: 'Z' or an offset. Without it they are faults. */
	readonly zone?: string | undefined;
	/** Epoch ms: what is said to have happened later than that is a fault. */
	readonly now: number;
	/** How many rows a file may have, how long (UTF-16 units) one may be, and the columns of a table. */
	readonly most: { readonly rows: number; readonly rowLength: number; readonly columns: number };
}
