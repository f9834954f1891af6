import { fork } from 'node:child_process';
import path from 'node:path';
import type { Findings, Job } from './load.ts';
import { measureMs, warmUpMs, type Scenario } from './scenarios.ts';
import { firstMessage, type Target } from './targets.ts';

/** What was found out about a target in all rounds of a scenario. Latencies in ms, sorted. */
export interface Result {
	readonly target: Target['name'];
	readonly seen: readonly number[];
	readonly acked: readonly number[];
	readonly missing: number;
	/** Milliseconds of computing for 1,000 deliveries, by the server and by its store. */
	readonly cpu: number;
	readonly storeCpu: number;
}

/** Measures targets in turns, so that what else the machine does meets all of them alike. */
export async function measure(
	scenario: Scenario,
	targets: readonly Target[],
	rounds = scenario.rounds,
): Promise<Result[]> {
	const found = new Map(targets.map((target) => [target, [] as Findings[]]));
	for (let round = 0; round < rounds; round++) {
		for (let turn = 0; turn < targets.length; turn++) {
			const target = targets[(round + turn) % targets.length];
			if (target) found.get(target)?.push(await runLoad(scenario, target, round + 1));
		}
	}
	return targets.map((target) => summarise(target, found.get(target) ?? []));
}

/** The load is a process of its own: it shares nothing with what it measures. */
async function runLoad(scenario: Scenario, target: Target, seed: number): Promise<Findings> {
	const job: Job = {
		...(await target.newRoom(scenario.people)),
		editsPerSecond: scenario.editsPerSecond,
		warmUpMs,
		measureMs,
		serverPid: target.pid,
		seed,
	};
	const child = fork(path.join(import.meta.dirname, 'load.ts'), [JSON.stringify(job)], {
		serialization: 'advanced',
	});
	const findings = await firstMessage<Findings>(child);
	child.disconnect();
	return findings;
}

function summarise(target: Target, all: readonly Findings[]): Result {
	const seen = all.flatMap((findings) => findings.seen).sort((a, b) => a - b);
	const sumOf = (pick: (findings: Findings) => number) =>
		all.reduce((sum, findings) => sum + pick(findings), 0);
	return {
		target: target.name,
		seen,
		acked: all.flatMap((findings) => findings.acked).sort((a, b) => a - b),
		missing: sumOf(({ missing }) => missing),
		cpu: (sumOf(({ cpu }) => cpu) / seen.length) * 1_000,
		storeCpu: (sumOf(({ storeCpu }) => storeCpu) / seen.length) * 1_000,
	};
}

/** The value below which this share of sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
