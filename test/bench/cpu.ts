import { readdir, readFile } from 'node:fs/promises';
import { fieldsOf } from '../support/processes.ts';

/** Processor time that a process and those it started have used so far. */
export interface CpuTime {
	readonly serverMs: number;
	/** Its PostgreSQL's, which is not in the other. */
	readonly postgresMs: number;
}

interface Running {
	readonly pid: number;
	readonly parent: number;
	readonly isPostgres: boolean;
	readonly ms: number;
}

const tickMs = 10; // Linux counts in hundredths of a second (USER_HZ)

/** Reads it from /proc; all zero where there is none. */
export async function cpuOf(pid: number): Promise<CpuTime> {
	const running = await readProcesses();
	const tree = new Set([pid]);
	for (let size = 0; size < tree.size;) {
		size = tree.size;
		for (const child of running) if (tree.has(child.parent)) tree.add(child.pid);
	}
	const own = running.filter((process) => tree.has(process.pid));
	const sum = (isPostgres: boolean) =>
		own.reduce((ms, process) => ms + (process.isPostgres === isPostgres ? process.ms : 0), 0);
	return { serverMs: sum(false), postgresMs: sum(true) };
}

async function readProcesses(): Promise<Running[]> {
	const names = await readdir('/proc').catch(() => []);
	const pids = names.filter((name) => /^\d+$/.test(name));
	const stats = pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
	return (await Promise.all(stats)).filter((stat) => stat !== '').map(readStat);
}

/** `proc_pid_stat(5)`: the id, the name in brackets, then state, parent, …, utime and stime. */
function readStat(stat: string): Running {
	const fields = fieldsOf(stat);
	const ticks = Number(fields[11]) + Number(fields[12]);
	return {
		pid: Number.parseInt(stat, 10),
		parent: Number(fields[1]),
		isPostgres: stat.includes('(postgres)'),
		ms: ticks * tickMs,
	};
}
