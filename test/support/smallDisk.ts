import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);

/** A disk of a few megabytes in memory, which a test may fill. */
export class SmallDisk implements AsyncDisposable {
	readonly folder: string;
	readonly #release: () => Promise<void>;

	private constructor(folder: string, release: () => Promise<void>) {
		this.folder = folder;
		this.#release = release;
	}

	/** Mounts it; where that needs other rights, in a namespace of its own, seen through `/proc`. */
	static async open(mebibytes: number): Promise<SmallDisk> {
		const place = await mkdtemp(path.join(tmpdir(), 'muster-disk-'));
		const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'none', place];
		try {
			await run('mount', options);
		} catch {
			console.log('No right to mount a disk: one in a namespace of its own is used.');
			return SmallDisk.#inNamespace(place, options);
		}
		return new SmallDisk(place, async () => {
			await run('umount', ['--lazy', place]);
			await rmdir(place);
		});
	}

	static async #inNamespace(place: string, options: readonly string[]): Promise<SmallDisk> {
		const script = 'mount "$@" && echo mounted && exec sleep infinity';
		const holder: ChildProcess = spawn('unshare', ['-Urm', 'sh', '-c', script, 'sh', ...options]);
		let said = '';
		holder.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
		await until('the disk is mounted', () => {
			if (holder.exitCode !== null) throw new Error('A disk can be mounted nowhere here.');
			return said.includes('mounted');
		});
		return new SmallDisk(`/proc/${holder.pid}/root${place}`, async () => {
			holder.kill('SIGKILL');
			await rm(place, { recursive: true, force: true });
		});
	}

	/** Takes all the space that is left, but for so many bytes. */
	async fill(left = 0): Promise<void> {
		await this.free();
		const { bavail, bsize } = await statfs(this.folder);
		await writeFile(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
	}

	/** Gives it back. */
	async free(): Promise<void> {
		await rm(this.#ballast, { force: true });
	}

	get #ballast(): string {
		return path.join(this.folder, 'ballast');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#release();
	}
}
