import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limits } from '#server/limits.ts';
import { retryMs, Schedule } from '#server/persister/schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a job that is asked for again and again runs all the same, and not at every question', async () => {
	let runs = 0;
	const schedule = new Schedule<string>(async () => void runs++);
	for (let ms = 0; ms < 5_000; ms += 50) {
		schedule.ask('ada', 1_000);
		await vi.advanceTimersByTimeAsync(50);
	}
	expect(runs).toBeGreaterThanOrEqual(4);
	expect(runs).toBeLessThanOrEqual(5);
	await schedule.end();
});

test('an urgent question brings a patient one forward', async () => {
	let runs = 0;
	const schedule = new Schedule<string>(async () => void runs++);
	schedule.ask('ada', 1_000);
	schedule.ask('ada', 0);
	await vi.advanceTimersByTimeAsync(1);
	expect(runs).toBe(1);
	await vi.advanceTimersByTimeAsync(10_000);
	expect(runs).toBe(1);
	await schedule.end();
});

test('a busy job rests between two runs', async () => {
	const runs: number[] = [];
	const schedule = new Schedule<string>(async () => void runs.push(performance.now()));
	for (let ms = 0; ms < 3_000; ms += 10) {
		schedule.ask('ada', 0);
		await vi.advanceTimersByTimeAsync(10);
	}
	const rests = runs.slice(1).map((at, i) => at - (runs[i] ?? 0));
	expect(Math.min(...rests)).toBeGreaterThanOrEqual(limits.projectionMs);
	expect(runs.length).toBeGreaterThan(8);
	await schedule.end();
});

test('a job never runs twice at once, and no more than a few keys run at once', async () => {
	const active = new Map<string, number>();
	let most = 0;
	const schedule = new Schedule<string>(async (key) => {
		expect(active.has(key)).toBe(false);
		active.set(key, 1);
		most = Math.max(most, active.size);
		await new Promise((done) => setTimeout(done, 20));
		active.delete(key);
	});
	for (let i = 0; i < 200; i++) {
		schedule.ask(`room ${i % 10}`, 0);
		await vi.advanceTimersByTimeAsync(10);
	}
	expect(most).toBe(limits.followersAtWork);
	await vi.advanceTimersByTimeAsync(5_000);
	await schedule.end();
});

test('a failing job is tried ever more seldom and keeps no other from running', async () => {
	const tries: number[] = [];
	let others = 0;
	const schedule = new Schedule<string>(async (key) => {
		if (key === 'good') return void others++;
		tries.push(performance.now());
		throw new Error('poison');
	});
	schedule.ask('poison', 0);
	for (let ms = 0; ms < 30_000; ms += 500) {
		schedule.ask('good', 0);
		schedule.ask('poison', 0);
		await vi.advanceTimersByTimeAsync(500);
	}
	expect(tries.length).toBeLessThan(8);
	expect(others).toBeGreaterThan(50);
	expect(retryMs(1)).toBe(500);
	expect(retryMs(30)).toBe(60_000);
	await schedule.end();
});

test('what was still to run when it ends is told', async () => {
	const schedule = new Schedule<string>(async () => {});
	schedule.ask('ada', 1_000);
	schedule.ask('grace', 0);
	await vi.advanceTimersByTimeAsync(1);
	expect(await schedule.end()).toEqual(['ada']);
	schedule.ask('linus', 0);
	expect(vi.getTimerCount()).toBe(0);
});
