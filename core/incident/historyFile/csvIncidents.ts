import { textLimits } from '../../textLimits.ts';
import { isPlainText } from '../../wire.ts';
import { BadLine, readInstant } from '../fileFields.ts';
import type { CsvRecord } from './csv.ts';
import type { ColumnField, Columns } from './historic.ts';
import type { SourceIncident } from './historicOf.ts';

const longestCell = textLimits.entry;
const longestId = 200;

/** What is wrong with a table of which these columns are read; null if nothing is. */
export function whyNoTable(header: readonly string[], columns: Columns): string | null {
	const unknown = Object.values(columns).find((column) => !header.includes(column));
	if (unknown !== undefined) return `There is no column “${unknown}”.`;
	const twice = header.find((column, i) => column !== '' && header.indexOf(column) !== i);
	if (twice !== undefined && Object.values(columns).includes(twice)) {
		return `There are two columns “${twice}”.`;
	}
	const missing = (['id', 'title'] as const).find((field) => columns[field] === undefined);
	if (missing === undefined) return null;
	return `Say which column is the ${missing}: none is called so.`;
}

/** An incident of a table, read by its columns. Throws a `BadLine`. */
export function readCsvIncident(
	{ line, cells }: CsvRecord,
	header: readonly string[],
	{ columns, zone }: { readonly columns: Columns; readonly zone: string | undefined },
): SourceIncident {
	if (cells.length > header.length) {
		throw new BadLine(
			line,
			`This has ${cells.length} cells, but there are ${header.length} columns.`,
		);
	}
	const cell = (field: ColumnField, max: number = longestCell): string | null => {
		const column = columns[field];
		const text = column === undefined ? '' : (cells[header.indexOf(column)] ?? '').trim();
		if (text === '' || column === undefined) return null;
		if (text.length > max) {
			throw new BadLine(line, `“${column}” is longer than ${max} characters.`, column);
		}
		if (!isPlainText(text)) {
			throw new BadLine(line, `“${column}” holds characters that cannot be stored.`, column);
		}
		return text;
	};
	const needed = (field: 'id' | 'title', max: number): string => {
		const text = cell(field, max);
		const column = columns[field] ?? field;
		if (text === null) throw new BadLine(line, `“${column}” is missing.`, column);
		return text;
	};
	const instant = (field: ColumnField) => instantOf(cell(field), { line, zone, ...named(field) });
	const named = (field: ColumnField) => ({ column: columns[field] ?? field });
	return {
		line,
		id: needed('id', longestId),
		title: needed('title', longestCell),
		url: cell('url'),
		impact: cell('severity'),
		kind: cell('kind'),
		status: null,
		startedAt: instant('declared'),
		resolvedAt: instant('resolved'),
		window: { from: instant('impactStarted'), to: instant('impactEnded') },
		services: cell('services')?.split(/[,;|]/) ?? [],
		updates: [],
		names: {
			title: columns.title ?? 'title',
			impact: columns.severity ?? 'severity',
			kind: columns.kind ?? 'kind',
		},
	};
}

function instantOf(
	text: string | null,
	{ line, column, zone }: { line: number; column: string; zone: string | undefined },
): number | null {
	if (text === null) return null;
	const read = readInstant(text);
	const at = read === 'zoneless' && zone !== undefined ? readInstant(inZone(text, zone)) : read;
	if (typeof at === 'number') return at;
	const fault = at === 'zoneless' ? 'has no time zone' : 'is not an instant';
	throw new BadLine(line, `“${column}” ${fault}: write it like 2017-01-31T23:00:00Z.`, column);
}

/** A day alone is its midnight. */
function inZone(text: string, zone: string): string {
	return text.includes(':') ? `${text}${zone}` : `${text} 00:00${zone}`;
}
