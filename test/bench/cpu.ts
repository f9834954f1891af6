import { readdirSync, readFileSync } from 'node:fs';
import { fieldsOf } from '../support/processes.ts';

const msPerTick = 10; // USER_HZ is 100 wherever Node runs on Linux

/** The time that a process has spent computing, with the children it has seen end if asked for, in ms. */
export function cpuOf(pid: number, withEnded = false): number {
	const fields = statOf(pid);
	const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
	const own = (user ?? 0) + (system ?? 0);
	const ended = withEnded ? (endedUser ?? 0) + (endedSystem ?? 0) : 0;
	return (own + ended) * msPerTick;
}

/** The same for everything that a process has started, and what that has started, without itself. */
export function cpuOfDescendants(pid: number): number {
	const all = readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map((name) => ({ pid: Number(name), parent: Number(statOf(Number(name))[1]) }));
	let sum = 0;
	for (const parents = [pid]; parents.length > 0;) {
		const parent = parents.pop();
		for (const child of all.filter((one) => one.parent === parent)) {
			sum += cpuOf(child.pid, true);
			parents.push(child.pid);
		}
	}
	return sum;
}

/** A process that has just ended has no fields. */
function statOf(pid: number): string[] {
	try {
		return fieldsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return [];
	}
}
