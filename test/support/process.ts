import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import type { Muster } from './server.ts';
import { until } from './until.ts';

/** For a Muster's environment: its garbage can be collected from outside. */
export const collectable = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' };

/** Node opens it once in a process's life, and keeps it. */
const inspectors = new Map<number, string>();

/** Collects a Muster's garbage, through the inspector that Node opens when it is asked to. */
export async function collectGarbage(muster: Pick<Muster, 'pid' | 'output'>): Promise<void> {
	const inspector = new WebSocket(inspectors.get(muster.pid) ?? (await openInspector(muster)));
	await once(inspector, 'open');
	inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
	await once(inspector, 'message');
	inspector.close();
	await once(inspector, 'close');
}

async function openInspector(muster: Pick<Muster, 'pid' | 'output'>): Promise<string> {
	const before = muster.output.length;
	const address = () => /Debugger listening on (ws:\S+)/.exec(muster.output.slice(before))?.[1];
	process.kill(muster.pid, 'SIGUSR1');
	await until('the inspector is open', () => address() !== undefined);
	inspectors.set(muster.pid, address() ?? '');
	return address() ?? '';
}

/** The memory that a Muster has of the machine, in bytes. */
export async function residentBytes({ pid }: Pick<Muster, 'pid'>): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

/** A number of `/metrics`, with its labels; 0 while nothing was counted. */
export async function metricOf({ url }: Pick<Muster, 'url'>, name: string): Promise<number> {
	const text = await (await fetch(`${url}/metrics`)).text();
	const line = text.split('\n').find((one) => one.startsWith(`${name} `));
	return Number(line?.slice(name.length + 1) ?? 0);
}
