import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import * as Y from 'yjs';
import type { PersonId } from '#core/ids.ts';

interface Schema extends DBSchema {
	/** Updates of a document in the order in which this device had them. */
	updates: {
		key: number;
		value: { copy: string; bytes: Uint8Array };
		indexes: { copy: string };
	};
	/** My changes that the server had not confirmed: one mark each, with its instant. */
	unconfirmed: {
		key: number;
		value: { copy: string; at: number };
		indexes: { copy: string };
	};
	/** When a copy was used last. */
	copies: { key: string; value: { copy: string; usedAt: number } };
}

const databaseName = 'muster';
const keptMs = 30 * 24 * 3_600_000;
const compactAfter = 400;
const remotePauseMs = 500;

/** What a copy held when it was opened. */
export interface Kept {
	readonly updates: readonly Uint8Array[];
	/** When each change was made that the server had not confirmed (epoch ms). */
	readonly unconfirmed: readonly number[];
}

/**
 * One live document on this device, for one person. A write starts before the change is
 * sent, so that neither a reload nor a crash loses it.
 */
export class OfflineCopy {
	readonly kept: Kept;
	readonly #database: IDBPDatabase<Schema>;
	readonly #copy: string;
	/** Records that the document here contains; another tab's are left alone. */
	#known: Set<number>;
	/** Marks of unconfirmed changes, oldest first. */
	#marks: Promise<number>[];
	#confirmed = 0;
	#remote: Uint8Array[] = [];
	#remoteTimer: ReturnType<typeof setTimeout> | null = null;
	/** Records that are on their way. */
	readonly #writing = new Set<Promise<number>>();
	#isFailing = false;
	#isClosed = false;
	#onFailure: () => void;

	private constructor(parts: {
		database: IDBPDatabase<Schema>;
		copy: string;
		kept: Kept;
		known: Set<number>;
		marks: Promise<number>[];
		onFailure: () => void;
	}) {
		this.#database = parts.database;
		this.#copy = parts.copy;
		this.kept = parts.kept;
		this.#known = parts.known;
		this.#marks = parts.marks;
		this.#onFailure = parts.onFailure;
	}

	/** Opens the copy of the document with this path below `/sync/`, or throws where the browser keeps nothing (private windows may). */
	static async open(path: string, person: PersonId, onFailure: () => void): Promise<OfflineCopy> {
		const database = await openDatabase();
		const copy = `${path}/${person}`;
		await database.put('copies', { copy, usedAt: Date.now() });
		const all = database.transaction(['updates', 'unconfirmed']);
		const [ids, updates, marks, unconfirmed] = await Promise.all([
			all.objectStore('updates').index('copy').getAllKeys(copy),
			all.objectStore('updates').index('copy').getAll(copy),
			all.objectStore('unconfirmed').index('copy').getAllKeys(copy),
			all.objectStore('unconfirmed').index('copy').getAll(copy),
		]);
		return new OfflineCopy({
			database,
			copy,
			kept: {
				updates: updates.map(({ bytes }) => bytes),
				unconfirmed: unconfirmed.map(({ at }) => at),
			},
			known: new Set(ids),
			marks: marks.map((mark) => Promise.resolve(mark)),
			onFailure,
		});
	}

	/** Of how many records this copy is. */
	get size(): number {
		return this.#known.size;
	}

	/** Whether the browser refused a write: only then may leaving the page lose something. */
	get isFailing(): boolean {
		return this.#isFailing;
	}

	/** Keeps my own change; the write has started when this returns. */
	keepMine(update: Uint8Array, at: number): void {
		if (this.#isClosed) return;
		this.#keepRemote();
		const { mark, done } = this.#write(update, at);
		this.#marks.push(mark);
		done.catch(() => this.#fail());
	}

	/** Keeps what came from others, soon: the server has it anyway. */
	keepTheirs(update: Uint8Array): void {
		if (this.#isClosed) return;
		this.#remote.push(update);
		this.#remoteTimer ??= setTimeout(() => this.#keepRemote(), remotePauseMs);
	}

	/** The server has confirmed so many of my changes since the copy was opened, the kept ones first. */
	confirm(count: number): void {
		const marks = this.#marks.splice(0, count - this.#confirmed);
		this.#confirmed = Math.max(count, this.#confirmed);
		if (marks.length === 0 || this.#isClosed) return;
		Promise.all(marks)
			.then((ids) => {
				const marked = this.#database.transaction('unconfirmed', 'readwrite');
				return Promise.all([...ids.map((id) => marked.store.delete(id)), marked.done]);
			})
			.catch(() => this.#fail());
	}

	/** Replaces many small records by one, once there are enough of them. */
	async compact(doc: Y.Doc, isLast = false): Promise<void> {
		if (this.#isClosed || (!isLast && this.#known.size < compactAfter)) return;
		this.#keepRemote();
		if (this.#known.size >= 2) await this.#swap(doc);
	}

	/** Keeps the document as it is now instead of all that this page has kept of it until now. */
	async keepAnew(doc: Y.Doc): Promise<void> {
		if (this.#isClosed) return;
		this.#keepRemote();
		await Promise.allSettled(this.#writing);
		await this.#swap(doc);
	}

	async #swap(doc: Y.Doc): Promise<void> {
		const old = [...this.#known];
		const swap = this.#database.transaction('updates', 'readwrite');
		const [id] = await Promise.all([
			swap.store.add({ copy: this.#copy, bytes: Y.encodeStateAsUpdate(doc) }),
			...old.map((key) => swap.store.delete(key)),
			swap.done,
		]);
		for (const key of old) this.#known.delete(key);
		this.#known.add(id);
	}

	/** Forgets this copy: it does not fit the server's document any more. */
	async setAside(): Promise<void> {
		this.close();
		const gone = this.#database.transaction(['updates', 'unconfirmed'], 'readwrite');
		for (const store of ['updates', 'unconfirmed'] as const) {
			const keys = await gone.objectStore(store).index('copy').getAllKeys(this.#copy);
			for (const key of keys) await gone.objectStore(store).delete(key);
		}
		await gone.done;
	}

	close(): void {
		if (this.#isClosed) return;
		this.#keepRemote();
		this.#isClosed = true;
	}

	#write(update: Uint8Array, at: number): { mark: Promise<number>; done: Promise<unknown> } {
		const both = this.#database.transaction(['updates', 'unconfirmed'], 'readwrite');
		const record = both.objectStore('updates').add({ copy: this.#copy, bytes: update });
		const mark = both.objectStore('unconfirmed').add({ copy: this.#copy, at });
		this.#learn(record);
		// Otherwise it is committed once its answers were heard, by a page that may be gone by then.
		both.commit();
		return { mark, done: both.done };
	}

	#keepRemote(): void {
		if (this.#remoteTimer !== null) clearTimeout(this.#remoteTimer);
		this.#remoteTimer = null;
		const updates = this.#remote.splice(0);
		if (updates.length === 0) return;
		const bytes = updates.length === 1 ? updates[0] : Y.mergeUpdates(updates);
		if (!bytes) return;
		this.#learn(this.#database.add('updates', { copy: this.#copy, bytes }));
	}

	#learn(record: Promise<number>): void {
		this.#writing.add(record);
		record
			.then(
				(id) => this.#known.add(id),
				() => this.#fail(),
			)
			.finally(() => this.#writing.delete(record));
	}

	#fail(): void {
		if (this.#isFailing) return;
		this.#isFailing = true;
		this.#onFailure();
	}
}

function openDatabase(): Promise<IDBPDatabase<Schema>> {
	return openDB<Schema>(databaseName, 1, {
		upgrade(database) {
			for (const name of ['updates', 'unconfirmed'] as const) {
				database.createObjectStore(name, { autoIncrement: true }).createIndex('copy', 'copy');
			}
			database.createObjectStore('copies', { keyPath: 'copy' });
		},
		blocking(_current, _next, event) {
			(event.target as IDBDatabase).close();
		},
	});
}

/** Lets go of copies that nobody used for a month, except those with changes the server lacks. */
export async function expireCopies(now: number): Promise<void> {
	const database = await openDatabase();
	const all = database.transaction(['copies', 'updates', 'unconfirmed'], 'readwrite');
	for (const { copy, usedAt } of await all.objectStore('copies').getAll()) {
		if (now - usedAt < keptMs) continue;
		if ((await all.objectStore('unconfirmed').index('copy').count(copy)) > 0) continue;
		const keys = await all.objectStore('updates').index('copy').getAllKeys(copy);
		for (const key of keys) await all.objectStore('updates').delete(key);
		await all.objectStore('copies').delete(copy);
	}
	await all.done;
	database.close();
}

/** Wipes every copy from this device, at sign-out. */
export async function wipeCopies(): Promise<void> {
	const database = await openDatabase();
	const all = database.transaction(['copies', 'updates', 'unconfirmed'], 'readwrite');
	for (const name of ['copies', 'updates', 'unconfirmed'] as const) {
		await all.objectStore(name).clear();
	}
	await all.done;
	database.close();
}

/** How many changes on this device no server has confirmed, over all incidents: ask before wiping. */
export async function countUnconfirmed(): Promise<number> {
	const database = await openDatabase();
	const count = await database.count('unconfirmed');
	database.close();
	return count;
}
