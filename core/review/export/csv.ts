import type { NameOf, TimelineItem } from '../../incident/reading.ts';
import type { Exported } from './exported.ts';

type Column = (item: TimelineItem, nameOf: NameOf) => string;

const columns: Readonly<Record<string, Column>> = {
	occurred_at: ({ occurredAt }) => isoOf(occurredAt),
	recorded_at: ({ recordedAt }) => (recordedAt === null ? '' : isoOf(recordedAt)),
	ended_at: ({ endedAt }) => (endedAt === undefined ? '' : isoOf(endedAt)),
	approximate: ({ approximate }) => yesOrNo(approximate),
	source: ({ source }) => source,
	kind: ({ kind }) => kind,
	text: ({ text }) => text,
	by: ({ by }, nameOf) => (by === null ? '' : nameOf(by)),
	actors: ({ actors }) => actors ?? '',
	starred: ({ starred }) => yesOrNo(starred),
	struck: ({ struck }) => yesOrNo(struck),
	late: ({ late }) => yesOrNo(late),
	local_time: ({ localTime }) => localTime ?? '',
	recorded_as: ({ recordedAs }) => recordedAs ?? '',
	url: ({ url }) => url ?? '',
	id: ({ id }) => id,
};

/** The timeline as a table. */
export function timelineCsv({ reading, nameOf }: Pick<Exported, 'reading' | 'nameOf'>): string {
	const names = Object.keys(columns);
	const rows = reading.timeline.map((item) =>
		Object.values(columns).map((column) => column(item, nameOf)),
	);
	return csvOf([names, ...rows]);
}

/** Rows as a file (RFC 4180). No cell is a formula to a spreadsheet: those get `'` in front. */
export function csvOf(rows: readonly (readonly string[])[]): string {
	return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
	const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
	return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function yesOrNo(is: boolean | undefined): string {
	return is ? 'yes' : 'no';
}

function isoOf(at: number): string {
	return new Date(at).toISOString();
}
