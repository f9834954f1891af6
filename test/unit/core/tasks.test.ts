import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDocument, tasksOf } from '#core/incident/document.ts';
import { changeTask, orderBetween, readTasks, taskTitle, writeTask } from '#core/incident/tasks.ts';
import type { TaskId } from '#core/ids.ts';
import { grace } from '../../support/record.ts';

const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const task = (n: number) => `01KAV00000000000000000000${n}` as TaskId;

describe('the order of tasks', () => {
	test('always has room between two, whatever was inserted before', () => {
		const moves = fc.array(fc.tuple(fc.nat(), jitter), { minLength: 1, maxLength: 200 });
		fc.assert(
			fc.property(moves, (inserted) => {
				const keys: string[] = [];
				for (const [place, random] of inserted) {
					const at = place % (keys.length + 1);
					const before = keys[at - 1] ?? null;
					const after = keys[at] ?? null;
					const key = orderBetween(before, after, random);
					if (before !== null) expect(before < key).toBe(true);
					if (after !== null) expect(key < after).toBe(true);
					keys.splice(at, 0, key);
				}
			}),
		);
	});

	test.each([
		['at the end', (keys: string[]) => keys.length],
		['at the beginning', () => 0],
		['in the middle', (keys: string[]) => Math.floor(keys.length / 2)],
	])('stays short when everybody inserts %s', (_, place) => {
		const keys: string[] = [];
		for (let n = 0; n < 500; n++) {
			const at = place(keys);
			const key = orderBetween(keys[at - 1] ?? null, keys[at] ?? null, (n * 0.618) % 1);
			keys.splice(at, 0, key);
		}
		expect(Math.max(...keys.map(({ length }) => length))).toBeLessThan(150);
		expect(keys).toEqual([...keys].sort());
	});

	test('of two who insert at the same place rarely makes the same key', () => {
		const key = (random: number) => orderBetween('A', 'z', random);
		expect(new Set(Array.from({ length: 40 }, (_, i) => key(i / 40))).size).toBeGreaterThan(30);
	});

	test('does its best between two equal or odd keys: it ends, and comes after the first', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), jitter, (before, after, random) => {
				expect(orderBetween(before, after, random).length).toBeLessThan(100);
			}),
		);
		expect(orderBetween('V', 'V', 0.5) > 'V').toBe(true);
	});
});

describe('tasks', () => {
	test('are read in their order, and by id within it', () => {
		const doc = createDocument('editing');
		for (const [n, order] of [
			[2, 'V'],
			[1, 'V'],
			[3, 'K'],
		] as const) {
			writeTask(doc, task(n), { title: `task ${n}`, order });
		}
		expect(readTasks(doc).map(({ title }) => title)).toEqual(['task 3', 'task 1', 'task 2']);
	});

	test('are changed field by field, never made by a change', () => {
		const doc = createDocument('editing');
		writeTask(doc, task(1), { title: 'roll back', order: 'V' });
		changeTask(doc, task(1), { done: true, assignee: grace, due: 5 });
		changeTask(doc, task(2), { done: true });
		taskTitle(doc, task(1))?.insert(9, ' checkout');
		expect(readTasks(doc)).toEqual([
			{
				id: task(1),
				title: 'roll back checkout',
				assignee: grace,
				done: true,
				due: 5,
				order: 'V',
			},
		]);
		expect(taskTitle(doc, task(2))).toBe(null);
	});

	test('under a name that is no id are left out', () => {
		const doc = createDocument('editing');
		writeTask(doc, 'not an id' as TaskId, { title: 'x', order: 'V' });
		tasksOf(doc).set(task(1), 'not a task');
		expect(readTasks(doc)).toEqual([]);
	});
});
