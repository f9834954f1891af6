import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installPackage, isRootOnDebian } from './apt.ts';

const usualNames = ['redis-server', 'valkey-server'];

/**
 * The Redis for the tests, a program that runs: REDIS_SERVER_PATH, else one on the PATH, else Debian's,
 * which root gets by apt-get. Throws, saying what to install.
 */
export async function findRedis(): Promise<string> {
	const given = process.env.REDIS_SERVER_PATH;
	for (const name of given ? [given] : usualNames) if (await runs(name)) return name;
	if (given) throw new Error(`REDIS_SERVER_PATH names no Redis that runs: ${given}`);
	if (await isRootOnDebian()) {
		// Not left running as a service: each test starts one of its own.
		await installPackage('redis-server', 'Redis');
		if (await runs('redis-server')) return 'redis-server';
	}
	throw new Error('The tests need redis-server: install it, or set REDIS_SERVER_PATH to it.');
}

async function runs(name: string): Promise<boolean> {
	try {
		await promisify(execFile)(name, ['--version']);
		return true;
	} catch {
		return false;
	}
}
