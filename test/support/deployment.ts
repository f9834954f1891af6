import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { imageCommand, imageSettings, readCompose } from './compose.ts';
import { until } from './until.ts';

const root = path.resolve(import.meta.dirname, '../..');
const adminToken = 'a-token-that-only-tests-know';

/** The image's user, who cannot change the program's files: where we may be somebody else, and they can be read. */
const nobodySpecial =
	process.getuid?.() === 0 && isOpenToAll(root) ? { uid: 1000, gid: 1000 } : null;

/** Nothing that a test starts outlives it. */
const living = new Set<ChildProcess>();
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** Where things are that have a name in docker-compose.yml. */
export interface Places {
	readonly databaseUrl: string;
	readonly redisUrl: string;
	/** The address of the proxy. */
	readonly publicUrl: string;
}

/** A service of docker-compose.yml as a process: its command, its settings and its user, without a container. */
export class Deployed implements AsyncDisposable {
	readonly adminToken = adminToken;
	readonly dataDir: string;
	/** Everything that it has printed. */
	output = '';
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, dataDir: string) {
		this.#child = child;
		this.dataDir = dataDir;
		living.add(child);
		child.once('exit', () => living.delete(child));
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
	}

	/** Starts it with nothing of this process's environment, and waits until it says that it is there. */
	static async start(name: string, places: Places): Promise<Deployed> {
		const { services } = await readCompose();
		const service = services[name];
		if (!service) throw new Error(`There is no service ${name}.`);
		const [program, ...words] = service.command ?? (await imageCommand());
		// The image's `muster` is the command line.
		const args = program === 'muster' ? ['server/cli/muster.ts', ...words] : words;
		const dataDir = await mkdtemp(path.join(tmpdir(), `muster-${name}-`));
		if (nobodySpecial) await chown(dataDir, nobodySpecial.uid, nobodySpecial.gid);
		const settings = { ...(await imageSettings()), ...service.environment };
		const env = { ...settings, ...here(settings, places), DATA_DIR: dataDir };
		const child = spawn(process.execPath, args, { cwd: root, env, ...nobodySpecial });
		const deployed = new Deployed(child, dataDir);
		await deployed.#isThere(name);
		return deployed;
	}

	get url(): string {
		const port = /"port":(\d+),"msg":"listening"/.exec(this.output)?.[1];
		if (port === undefined) throw new Error('It has no door.');
		return `http://127.0.0.1:${port}`;
	}

	get syncUrl(): string {
		return `${this.url.replace('http', 'ws')}/sync`;
	}

	#isThere(name: string): Promise<void> {
		return until(
			`${name} is there`,
			() => {
				if (this.#child.exitCode !== null) throw new Error(`${name} ended: ${this.output}`);
				return /"msg":"(listening|persister is at work)"/.test(this.output);
			},
			60_000,
		);
	}

	/** Asks it to end; gives its exit code. */
	async stop(): Promise<number | null> {
		if (this.#child.exitCode !== null) return this.#child.exitCode;
		const ended = once(this.#child, 'exit');
		this.#child.kill('SIGTERM');
		await ended;
		return this.#child.exitCode;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		await rm(this.dataDir, { recursive: true, force: true });
	}
}

/** The same settings, where names lead elsewhere and a port is taken. */
function here(settings: Readonly<Record<string, string>>, places: Places): Record<string, string> {
	return {
		...('DATABASE_URL' in settings && { DATABASE_URL: places.databaseUrl }),
		...('REDIS_URL' in settings && { REDIS_URL: places.redisUrl }),
		...('PUBLIC_URL' in settings && { PUBLIC_URL: places.publicUrl }),
		...('MUSTER_ADMIN_TOKEN' in settings && { MUSTER_ADMIN_TOKEN: adminToken }),
		...{ HOST: '127.0.0.1', PORT: '0' },
	};
}

function isOpenToAll(folder: string): boolean {
	const mayPass = (statSync(folder).mode & 0o001) !== 0;
	return mayPass && (folder === path.dirname(folder) || isOpenToAll(path.dirname(folder)));
}
