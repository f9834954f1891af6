/** A record of a CSV text, with the line on which it begins (from 1); `fault` is what is wrong with it. */
export interface CsvRecord {
	readonly line: number;
	readonly cells: readonly string[];
	readonly fault: string | null;
}

const separators = [',', ';', '\t'] as const;

/**
 * Reads CSV as RFC 4180 has it: quoted cells may hold separators, line breaks and doubled quotes. Lines end
 * in CR LF or LF; semicolons and tabs separate too, if the first line holds more of them. Empty lines are
 * passed over. A record that is wrong says so, and the next one begins on the next line.
 */
export function* readCsv(text: string): Generator<CsvRecord> {
	const reader = new CsvReader(text, separatorOf(text));
	for (let record = reader.next(); record; record = reader.next()) {
		const isEmpty = record.fault === null && record.cells.every((cell) => cell.trim() === '');
		if (!isEmpty) yield record;
	}
}

function separatorOf(text: string): string {
	const [first = ''] = text.split(/\r?\n/, 1);
	const bare = first.replace(/"[^"]*"/g, '');
	const counts = separators.map((sign) => [sign, bare.split(sign).length] as const);
	return counts.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

class CsvReader {
	readonly #text: string;
	readonly #separator: string;
	#at = 0;
	#line = 1;

	constructor(text: string, separator: string) {
		this.#text = text;
		this.#separator = separator;
	}

	next(): CsvRecord | null {
		if (this.#at >= this.#text.length) return null;
		const line = this.#line;
		const cells: string[] = [];
		for (;;) {
			const cell = this.#text[this.#at] === '"' ? this.#quoted() : this.#bare();
			const isEnd = cell === null || this.#isAtEnd();
			if (cell !== null) cells.push(cell);
			if (cell === null || (!isEnd && this.#text[this.#at] !== this.#separator)) {
				this.#toNextLine();
				return { line, cells, fault: faultOf(cell) };
			}
			if (isEnd) {
				this.#toNextLine();
				return { line, cells, fault: null };
			}
			this.#at += 1;
		}
	}

	/** A cell in quotes; null if they do not close. */
	#quoted(): string | null {
		const begin = { at: this.#at, line: this.#line };
		let cell = '';
		this.#at += 1;
		for (;;) {
			const end = this.#text.indexOf('"', this.#at);
			if (end < 0) {
				// What follows belongs to other records: only this one is lost.
				this.#at = begin.at;
				this.#line = begin.line;
				return null;
			}
			const part = this.#text.slice(this.#at, end);
			this.#line += part.split('\n').length - 1;
			cell += part;
			this.#at = end + 1;
			if (this.#text[this.#at] !== '"') return cell;
			cell += '"';
			this.#at += 1;
		}
	}

	#bare(): string {
		const start = this.#at;
		while (!this.#isAtEnd() && this.#text[this.#at] !== this.#separator) this.#at += 1;
		return this.#text.slice(start, this.#at);
	}

	/** At a line break, or at the end of the text. */
	#isAtEnd(): boolean {
		const sign = this.#text[this.#at];
		return (
			sign === undefined || sign === '\n' || (sign === '\r' && this.#text[this.#at + 1] === '\n')
		);
	}

	#toNextLine(): void {
		const end = this.#text.indexOf('\n', this.#at);
		this.#at = end < 0 ? this.#text.length : end + 1;
		this.#line += 1;
	}
}

function faultOf(cell: string | null): string {
	return cell === null
		? 'A quotation mark is not closed.'
		: 'After a cell in quotation marks comes the next one, or the end of the line.';
}
