import type { FileFields } from './fileFields.ts';

const mostNames = 50;
const longestName = 60;

/** What of a file is not taken over: each name once, with its first line and how often it is there. */
export class Leftovers {
	readonly #seen = new Map<string, { line: number; count: number }>();

	add(prefix: string, fields: FileFields): void {
		for (const [name, line] of fields.leftOver) this.note(prefix + name, line);
	}

	note(name: string, line: number): void {
		const seen = this.#seen.get(name);
		if (seen) seen.count += 1;
		else this.#seen.set(name, { line, count: 1 });
	}

	/** One sentence at most; of very many names the first ones. */
	get warnings(): readonly string[] {
		if (this.#seen.size === 0) return [];
		const names = Array.from([...this.#seen].slice(0, mostNames), ([name, { line, count }]) => {
			const times = count > 1 ? `, ${count} times` : '';
			return `“${name.slice(0, longestName)}” (line ${line}${times})`;
		});
		const others = this.#seen.size - names.length;
		const more = others > 0 ? ` and ${others} others` : '';
		return [`Not taken over: ${names.join(', ')}${more}.`];
	}
}
