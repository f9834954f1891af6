import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readZip } from '#server/history/unzip.ts';
import { writeZip, type ArchiveFile } from '#server/history/zip.ts';
import { limits } from '#server/limits.ts';
import { newSeed, seeded } from '../../support/random.ts';

const files: readonly ArchiveFile[] = [
	{ name: 'README.txt', bytes: Buffer.from('what this is\n'.repeat(20)) },
	{ name: 'history/000001.bin', bytes: Buffer.from('Größe 🚒') },
	{ name: 'empty', bytes: Buffer.from('') },
	{ name: 'zeros', bytes: Buffer.alloc(100_000) },
];

async function archiveOf(of: readonly ArchiveFile[]): Promise<Buffer> {
	const parts = await Array.fromAsync(writeZip(stream(of), Date.parse('2026-11-24T02:13:00Z')));
	return Buffer.concat(parts);
}

async function* stream(of: readonly ArchiveFile[]): AsyncGenerator<ArchiveFile> {
	yield* of;
}

const any = (_name: string) => true;

async function refusalOf(archive: Uint8Array, mayHold = any): Promise<string> {
	return readZip(archive, mayHold).then(
		() => 'It is taken.',
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	);
}

describe('an archive', () => {
	test('holds what was put in, to the byte', async () => {
		const read = await readZip(await archiveOf(files), any);
		expect([...read].map(([name, bytes]) => [name, Buffer.from(bytes)])).toEqual(
			files.map(({ name, bytes }) => [name, Buffer.from(bytes)]),
		);
	});

	test('is one to other programs too', async () => {
		const read = unzipSync(await archiveOf(files));
		expect(Object.keys(read)).toEqual(files.map(({ name }) => name));
		for (const { name, bytes } of files)
			expect(Buffer.from(read[name] ?? []).equals(bytes)).toBe(true);
	});

	test('the same files at the same time make the same archive', async () => {
		expect((await archiveOf(files)).equals(await archiveOf(files))).toBe(true);
	});

	test('no file in it is packed tighter than is believed when it is read', async () => {
		const archive = await archiveOf([{ name: 'zeros', bytes: Buffer.alloc(1_000_000) }]);
		expect(archive.length).toBeGreaterThan(1_000_000 / limits.bundleRatio);
		expect(await refusalOf(archive)).toBe('It is taken.');
	});

	test('[E3] any bit that is another one is found, wherever it is', async () => {
		const archive = await archiveOf(files);
		const random = seeded(newSeed('zip'));
		for (let i = 0; i < 500; i++) {
			const broken = Buffer.from(archive);
			const at = Math.floor(random() * broken.length);
			broken[at] = (broken[at] ?? 0) ^ (1 << Math.floor(random() * 8));
			const same = await readZip(broken, any).catch(() => null);
			// The last bits of a deflated file may mean nothing.
			if (same)
				expect([...same.values()].map(String)).toEqual(files.map(({ bytes }) => String(bytes)));
		}
	});

	test.each([0, 1, 21, 22, 100, -1, -22, -23, -100])(
		'[E3] one that is cut at %d is refused',
		async (at) => {
			expect(await refusalOf((await archiveOf(files)).subarray(0, at))).toMatch(/not a bundle/);
		},
	);

	test('[E3] what stands in front of it, between or behind is refused', async () => {
		const archive = await archiveOf(files);
		const more = Buffer.from('more');
		for (const odd of [Buffer.concat([more, archive]), Buffer.concat([archive, more])]) {
			expect(await refusalOf(odd)).toMatch(/not a bundle/);
		}
	});

	test('[E3] it is refused for a file that is none of ours, and for one that comes twice', async () => {
		const names = [
			'../../etc/passwd',
			'/etc/passwd',
			'a\\b',
			'README.txt\0',
			'x/',
			'README.TXT',
			'',
		];
		for (const name of names) {
			const archive = await archiveOf([...files, { name, bytes: Buffer.from('x') }]);
			const isKnown = (one: string) => files.some((file) => file.name === one);
			expect(await refusalOf(archive, isKnown)).toMatch(/none of ours/);
		}
		expect(await refusalOf(await archiveOf([...files, files[0] as ArchiveFile]))).toMatch(/twice/);
	});

	test('[E3] a symbolic link is refused', async () => {
		const archive = await archiveOf(files);
		const at = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
		archive.writeUInt32LE(0o120777 * 2 ** 16, at + 38);
		expect(await refusalOf(archive)).toMatch(/list of files/);
	});

	test('[E3] too many files are refused before any is unpacked', async () => {
		const many = Array.from({ length: limits.bundleFiles + 1 }, (_, i) => {
			return { name: `f${i}`, bytes: Buffer.from('x') };
		});
		expect(await refusalOf(await archiveOf(many))).toMatch(/too many files/);
	});

	test('[E3] more than 20 MiB are refused unread', async () => {
		expect(await refusalOf(Buffer.alloc(42 * 1024 * 1024))).toMatch(/larger than 20 MiB/);
	});
});
