import { JsonFault, jsonSteps, parseJson, type JsonNode } from '../../json.ts';
import { Refusal } from '../../refusal.ts';
import { BadLine, badLine, FileFields } from '../fileFields.ts';
import { Leftovers } from '../leftovers.ts';
import { readCsv, type CsvRecord } from './csv.ts';
import { guessColumns, isTable } from './columns.ts';
import { readCsvIncident, whyNoTable } from './csvIncidents.ts';
import type {
	Columns,
	Historic,
	HistoryFile,
	HistoryFormat,
	Reading,
	RowFault,
} from './historic.ts';
import { historicOf, type SourceIncident } from './historicOf.ts';
import { readJsonIncident } from './jsonIncidents.ts';

/** A row that is still to be read; reading it may throw a `BadLine`. */
interface Row {
	readonly line: number;
	readonly read: () => SourceIncident;
}

/** The rows of a file in order, and how they are read. */
interface Rows {
	readonly rows: Iterable<Row>;
	/** What the file says of its source, where it does. */
	readonly source: string | null;
	readonly columns: Columns;
}

/**
 * Reads a file of past incidents: JSON lines, CSV with a first line of names, or Statuspage's
 * incidents.json. Rows that are wrong are told with their lines, the others are read. Throws a `Refusal`
 * for a file that is none of these.
 */
export function readHistoryFile(file: string, reading: Reading): HistoryFile {
	const steps = historySteps(file, reading);
	for (;;) {
		const step = steps.next();
		if (step.done) return step.value;
	}
}

/** As `readHistoryFile`, little by little, for whoever has other things to do in between. */
export function* historySteps(file: string, reading: Reading): Generator<void, HistoryFile> {
	const text = file.startsWith('\ufeff') ? file.slice(1) : file;
	const format = reading.format ?? (yield* formatOf(text));
	const left = new Leftovers();
	const { rows, source, columns } = yield* rowsOf(text, { format, reading, left });
	const found = new Found({ ...reading, source: reading.source ?? source ?? undefined });
	for (const row of rows) {
		found.take(row);
		yield;
	}
	if (found.count === 0) throw new Refusal('invalid', 'There is no incident in this file.');
	const warnings = [...left.warnings, ...found.warnings];
	return { format, incidents: found.incidents, faults: found.faults, warnings, columns };
}

/** A list or `{page, incidents}` is Statuspage's, an object a line are lines, anything else is a table. */
function* formatOf(text: string): Generator<void, HistoryFormat> {
	if (isTable(text)) return 'csv';
	const start = text.trimStart();
	if (start.startsWith('[')) return 'statuspage';
	const first = start.slice(0, start.search(/\r?\n|$/));
	try {
		const node = yield* jsonSteps(first);
		return node.kind === 'object' && node.fields.has('incidents') ? 'statuspage' : 'jsonl';
	} catch (error) {
		if (!(error instanceof JsonFault)) throw error;
		// One object over many lines, or a first line that is wrong.
		return /^\{\s*("page"|"incidents"|$)/.test(first) ? 'statuspage' : 'jsonl';
	}
}

interface How {
	readonly format: HistoryFormat;
	readonly reading: Reading;
	readonly left: Leftovers;
}

function* rowsOf(text: string, { format, reading, left }: How): Generator<void, Rows> {
	switch (format) {
		case 'jsonl':
			return { rows: linesIn(text, reading, left), source: null, columns: {} };
		case 'statuspage':
			return yield* statuspageIn(text, reading, left);
		case 'csv':
			return tableIn(text, reading, left);
		default:
			return format satisfies never;
	}
}

function* linesIn(text: string, { most }: Reading, left: Leftovers): Generator<Row> {
	let line = 0;
	for (const row of text.split('\n')) {
		line += 1;
		const number = line;
		if (row.trim() === '') continue;
		yield {
			line: number,
			read() {
				if (row.length > most.rowLength) throw badLine(number, 'This line is too long.');
				return readJsonIncident(parsed(row, number), left);
			},
		};
	}
}

function parsed(text: string, line: number): JsonNode {
	try {
		return parseJson(text, line);
	} catch (error) {
		throw faultOf(error);
	}
}

function* parsedInSteps(text: string): Generator<void, JsonNode> {
	try {
		return yield* jsonSteps(text);
	} catch (error) {
		throw faultOf(error);
	}
}

function faultOf(error: unknown): unknown {
	return error instanceof JsonFault ? badLine(error.line, error.message) : error;
}

function* statuspageIn(text: string, { most }: Reading, left: Leftovers): Generator<void, Rows> {
	const node = yield* parsedInSteps(text);
	const items = node.kind === 'list' ? node.items : incidentsIn(node);
	const rows = items.map((item) => ({
		line: item.line,
		read() {
			const length = item.kind === 'object' ? item.length : 0;
			if (length > most.rowLength) throw badLine(item.line, 'This incident is too long.');
			return readJsonIncident(item, left);
		},
	}));
	return { rows, source: node.kind === 'list' ? null : pageOf(node), columns: {} };
}

function incidentsIn(node: JsonNode): readonly JsonNode[] {
	const fields = new FileFields(node, 'The file');
	return fields.needed(fields.list('incidents'), 'incidents');
}

/** The host of the page's address, else its name. */
function pageOf(node: JsonNode): string | null {
	const page = new FileFields(node, 'The file').node('page');
	if (page?.kind !== 'object') return null;
	const said = ['url', 'name'].map((name) => page.fields.get(name)?.node);
	const [url, name] = said.map((one) => (one?.kind === 'string' ? one.value.trim() : ''));
	return URL.parse(url ?? '')?.host || name || null;
}

function tableIn(
	text: string,
	{ columns: given = {}, zone, most }: Reading,
	left: Leftovers,
): Rows {
	const records = readCsv(text);
	const first = records.next();
	const header = first.done ? [] : first.value.cells.map((name) => name.trim());
	if (header.length > most.columns) {
		throw badLine(first.value?.line ?? 1, `A table has at most ${most.columns} columns.`);
	}
	const columns = guessColumns(header, given);
	const fault = first.value?.fault ?? whyNoTable(header, columns);
	if (fault) throw badLine(first.value?.line ?? 1, fault);
	const read = new Set(['', ...Object.values(columns)]);
	header.filter((name) => !read.has(name)).forEach((name) => left.note(name, 1));
	const rowOf = (record: CsvRecord): Row => ({
		line: record.line,
		read() {
			if (record.fault) throw badLine(record.line, record.fault);
			const length = record.cells.reduce((sum, cell) => sum + cell.length, 0);
			if (length > most.rowLength) throw badLine(record.line, 'This line is too long.');
			return readCsvIncident(record, header, { columns, zone });
		},
	});
	return { rows: mapped(records, rowOf), source: null, columns };
}

function* mapped<From, To>(all: Iterable<From>, by: (one: From) => To): Generator<To> {
	for (const one of all) yield by(one);
}

/** What comes of a file's rows, as they are read. */
class Found {
	count = 0;
	readonly incidents: Historic[] = [];
	readonly faults: RowFault[] = [];
	readonly warnings: string[] = [];
	readonly #reading: Reading;
	/** Where each incident stands in the file. */
	readonly #lines = new Map<string, number>();

	constructor(reading: Reading) {
		this.#reading = reading;
	}

	take({ line, read }: Row): void {
		this.count += 1;
		const { most } = this.#reading;
		if (this.count > most.rows) {
			throw new Refusal('tooLarge', `This file has more than ${most.rows} incidents. Split it.`);
		}
		try {
			this.#add(historicOf(read(), this.#reading, (at, sentence) => this.#warn(at, sentence)));
		} catch (error) {
			if (!(error instanceof BadLine)) throw error;
			const { field = null, sentence } = error;
			this.faults.push({ line: error.line || line, field, message: sentence });
		}
	}

	#add(historic: Historic): void {
		const { line, source, sourceId } = historic;
		const name = JSON.stringify([source, sourceId]);
		const earlier = this.#lines.get(name);
		if (earlier !== undefined) {
			throw new BadLine(line, `The id ${sourceId} stands on line ${earlier} already.`, 'id');
		}
		this.#lines.set(name, line);
		this.incidents.push(historic);
	}

	#warn(line: number, sentence: string): void {
		this.warnings.push(`Line ${line}: ${sentence}`);
	}
}
