import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { holdDirectory } from '#server/storage/hold.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { startMuster } from '../../support/server.ts';

test('a data directory is held by one Muster at a time, however long its path', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-hold-'));
	try {
		for (const dataDir of [folder, path.join(folder, 'x'.repeat(120))]) {
			await mkdir(dataDir, { recursive: true });
			const held = await holdDirectory(dataDir);
			await expect(holdDirectory(dataDir, 100)).rejects.toThrow(/Another Muster is running/);
			await held[Symbol.asyncDispose]();
			const again = await holdDirectory(dataDir, 100);
			await again[Symbol.asyncDispose]();
		}
	} finally {
		await rm(folder, { recursive: true });
	}
});

test('a second node on the same database needs a directory of its own, also after a kill', async () => {
	const databaseUrl = await testDatabaseUrl();
	await using muster = await startMuster({ databaseUrl });
	const { dataDir } = muster;
	await expect(startMuster({ databaseUrl, dataDir })).rejects.toThrow(/Another Muster is running/);
	await muster.kill();
	await muster.restart();
}, 90_000); // three starts, one of which waits for a predecessor to end
