import type { DocumentId } from '#core/ids.ts';
import { decodeEdits } from '#core/incident/turn.ts';
import type { Backlog, Backlogs, UnsavedTurn } from '#server/sync/outage/backlog.ts';
import type { Host, SimulatedTime } from './time.ts';

interface File {
	readonly document: DocumentId;
	readonly turns: UnsavedTurn[];
}

const writeMs = 0.5;

/** A node's disk: it outlives the processes on it, and may be full. */
export class SimulatedDisk {
	isFull = false;
	/** What no longer fitted its document. */
	readonly aside: string[] = [];
	readonly #time: SimulatedTime;
	readonly #files = new Map<string, File>();
	#made = 0;

	constructor(time: SimulatedTime) {
		this.#time = time;
	}

	/** How many turns wait on it. */
	get turns(): number {
		return Array.from(this.#files.values()).reduce((sum, { turns }) => sum + turns.length, 0);
	}

	backlogsFor(host: Host): Backlogs {
		return {
			begin: (document) => {
				const name = `${document}.${this.#made++}`;
				return this.#backlog(host, { name, document });
			},
			find: async () => {
				await this.#reach(host);
				const names = [...this.#files].map(([name, { document }]) => ({ name, document }));
				const grouped = Map.groupBy(names, ({ document }) => document);
				return new Map(
					Array.from(grouped, ([document, files]) => [
						document,
						files.map((file) => this.#backlog(host, file)),
					]),
				);
			},
		};
	}

	#backlog(host: Host, { name, document }: { name: string; document: DocumentId }): Backlog {
		return {
			name,
			append: (turn) => this.#append(host, { name, document, turn }),
			read: async () => {
				await this.#reach(host);
				const turns = this.#files.get(name)?.turns ?? [];
				return turns.map(({ nonce, edits }) => ({ nonce, parts: decodeEdits(edits) }));
			},
			remove: async () => {
				await this.#reach(host);
				this.#files.delete(name);
			},
			setAside: async () => {
				await this.#reach(host);
				this.#files.delete(name);
				this.aside.push(name);
			},
			close: () => Promise.resolve(),
		};
	}

	/** What was written reaches the disk also when its writer dies meanwhile. */
	#append(
		host: Host,
		{ name, document, turn }: { name: string; document: DocumentId; turn: UnsavedTurn },
	): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#time.after(writeMs, () => {
				if (this.isFull) {
					const full = Object.assign(new Error('The disk is full.'), { code: 'ENOSPC' });
					host.after(0, () => reject(full));
					return;
				}
				const file = this.#files.get(name) ?? { document, turns: [] };
				file.turns.push(turn);
				this.#files.set(name, file);
				host.after(0, resolve);
			});
		});
	}

	#reach(host: Host): Promise<void> {
		return new Promise((resolve) => void host.after(writeMs, resolve));
	}
}
