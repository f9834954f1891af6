import { readdir, readFile } from 'node:fs/promises';

/** Freezes a PostgreSQL with all that belongs to it, by its pid file; what is returned lets it go on. */
export async function freezeTree(pidFile: string): Promise<() => void> {
	const root = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
	process.kill(root, 'SIGSTOP'); // first: it must not start another
	const pids = [...(await childrenOf(root)), root];
	for (const pid of pids) process.kill(pid, 'SIGSTOP');
	return () => {
		for (const pid of pids) process.kill(pid, 'SIGCONT');
	};
}

/** The processes that a process has started and that still run. */
export async function childrenOf(parent: number): Promise<number[]> {
	const children: number[] = [];
	for (const name of await readdir('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
		if (fieldsOf(stat)[1] === String(parent)) children.push(Number(name));
	}
	return children;
}

/** The fields of `/proc/<pid>/stat` after the name, which may hold anything: state, parent, … */
export function fieldsOf(stat: string): string[] {
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
