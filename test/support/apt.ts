import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

/** Whether Debian's packages can be installed: as root, on Debian. */
export async function isRootOnDebian(): Promise<boolean> {
	if (process.getuid?.() !== 0) return false;
	const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
	return /^ID=debian$/m.test(release);
}

/** Installs a package of Debian's; `what` says of whom it is. */
export async function installPackage(name: string, what: string): Promise<void> {
	console.log(`${what} is not here: apt-get installs it.`);
	await apt(['update']);
	await apt(['install', '--yes', '--no-install-recommends', name]);
}

async function apt(words: readonly string[]): Promise<void> {
	const child = spawn('apt-get', words, {
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	await once(child, 'exit');
}
