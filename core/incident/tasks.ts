import * as Y from 'yjs';
import { isUlid, isUuid, type PersonId, type TaskId } from '../ids.ts';
import { tasksOf } from './document.ts';
import { instantOf, textOf } from './entries.ts';
import type { Task } from './reading.ts';

export interface NewTask {
	readonly title: string;
	readonly assignee?: PersonId | null;
	/** Epoch ms. */
	readonly due?: number | null;
	/** From `orderBetween`. */
	readonly order: string;
}

/** Adds a task under a fresh id, whole, in one transaction. */
export function writeTask(doc: Y.Doc, id: TaskId, task: NewTask): void {
	const fields = new Y.Map<unknown>();
	fields.set('title', new Y.Text(task.title));
	fields.set('assignee', task.assignee ?? null);
	fields.set('done', false);
	fields.set('due', task.due ?? null);
	fields.set('order', task.order);
	doc.transact(() => tasksOf(doc).set(id, fields));
}

/** Changes fields of a task that is there; its title is changed through `taskTitle`. */
export function changeTask(
	doc: Y.Doc,
	id: TaskId,
	change: Partial<Pick<Task, 'assignee' | 'done' | 'due' | 'order'>>,
): void {
	const fields = tasksOf(doc).get(id);
	if (!(fields instanceof Y.Map)) return;
	doc.transact(() => {
		for (const [name, value] of Object.entries(change)) fields.set(name, value);
	});
}

/** A task's shared title, or null if there is no such task. */
export function taskTitle(doc: Y.Doc, id: TaskId): Y.Text | null {
	const fields = tasksOf(doc).get(id);
	const title = fields instanceof Y.Map ? fields.get('title') : null;
	return title instanceof Y.Text ? title : null;
}

/** The tasks of a document in their order. Odd ones get defaults or are left out; it never throws. */
export function readTasks(doc: Y.Doc): readonly Task[] {
	const tasks: Task[] = [];
	for (const [id, fields] of tasksOf(doc)) {
		if (isUlid(id) && fields instanceof Y.Map) tasks.push(readTask(id as TaskId, fields));
	}
	return tasks.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id));
}

function readTask(id: TaskId, fields: Y.Map<unknown>): Task {
	const assignee = fields.get('assignee');
	return {
		id,
		title: textOf(fields.get('title')),
		assignee: typeof assignee === 'string' && isUuid(assignee) ? (assignee as PersonId) : null,
		done: fields.get('done') === true,
		due: instantOf(fields.get('due')),
		order: orderOf(fields.get('order')),
	};
}

/** A key of `orderBetween`; tasks with anything else come first. A key that ends in 0 has no room before it. */
function orderOf(value: unknown): string {
	return typeof value === 'string' && /^[0-9A-Za-z]*[1-9A-Za-z]$/.test(value) ? value : '';
}

/** Orders two texts by their UTF-16 units, the same on every machine. */
export function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * A key that sorts between two others, as a fraction in base 62 (null: before all, after all).
 * `jitter` in [0, 1) keeps two people who insert at the same place from making the same key.
 */
export function orderBetween(before: string | null, after: string | null, jitter: number): string {
	let key = '';
	for (let i = 0; ; i++) {
		const low = digitAt(before, i) ?? 0;
		const high = after !== null && key === after.slice(0, i) ? (digitAt(after, i) ?? 0) : 62;
		if (high - low > 1) {
			const room = high - low - 1;
			return key + digits.charAt(low + 1 + Math.floor(jitter * room));
		}
		key += digits.charAt(low);
	}
}

function digitAt(key: string | null, i: number): number | null {
	if (key === null || i >= key.length) return null;
	const digit = digits.indexOf(key.charAt(i));
	return digit < 0 ? 0 : digit;
}
