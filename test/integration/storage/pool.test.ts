import type { TransactionSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { startPostgres, type OwnPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

let postgres: OwnPostgres;
let db: Database;
beforeAll(async () => {
	postgres = await startPostgres();
	db = openDatabase({ url: postgres.url }, { max: 4 });
	await db.sql`create table notes (text text not null)`;
});
afterAll(async () => {
	await db[Symbol.asyncDispose]();
	await postgres[Symbol.asyncDispose]();
});

async function works(): Promise<void> {
	await until('the store answers', () =>
		db.sql`select 1`.then(
			() => true,
			() => false,
		),
	);
}

const lost = { code: expect.stringMatching(/^(CONNECTION_CLOSED|ECONNRESET|EPIPE)$/) as string };

test('a transaction whose connection is cut fails, writes nothing, and harms nobody', async () => {
	const transaction = db.sql.begin(async (tx) => {
		await tx`insert into notes values ('lost')`;
		postgres.wire.cut();
		await tx`insert into notes values ('lost too')`;
	});
	await expect(transaction).rejects.toMatchObject(lost);
	postgres.wire.open();
	await works();
	expect(await db.sql`select text from notes`).toEqual([]);
});

const afterwards: readonly [string, (tx: TransactionSql) => Promise<unknown>][] = [
	['asks on', async (tx) => tx`insert into notes values ('lost too')`],
	['asks on in plain words', async (tx) => tx.unsafe("insert into notes values ('lost too')")],
	['is done', async () => 'done'],
	['fails', async () => Promise.reject(new Error('No.'))],
];

test.each(afterwards)(
	'a transaction that loses its connection while it does something else, and then %s, fails and harms nobody',
	async (_, goesOn) => {
		const loss = Promise.withResolvers<void>();
		const work = Promise.withResolvers<void>();
		const transaction = db.sql.begin(async (tx) => {
			await tx`insert into notes values ('lost')`;
			postgres.wire.cut();
			await loss.promise;
			return goesOn(tx).finally(() => work.resolve());
		});
		await expect(transaction).rejects.toMatchObject(lost);
		loss.resolve();
		await work.promise;
		postgres.wire.open();
		await works();
		expect(await db.sql`select text from notes`).toEqual([]);
	},
);

test('a transaction that goes on after what failed with its connection fails and harms nobody', async () => {
	const transaction = db.sql.begin(async (tx) => {
		await tx`insert into notes values ('lost')`;
		postgres.wire.cut();
		for (let i = 0; i < 3; i++) {
			await Promise.resolve()
				.then(() => tx`insert into notes values ('lost too')`)
				.catch(() => undefined);
		}
	});
	await expect(transaction).rejects.toMatchObject(lost);
	postgres.wire.open();
	await works();
	expect(await db.sql`select text from notes`).toEqual([]);
});

test('no statement takes workers of the store, or is compiled', async () => {
	const [row] = await db.sql`
		select current_setting('max_parallel_workers_per_gather') as workers, current_setting('jit') as jit`;
	expect(row).toEqual({ workers: '0', jit: 'off' });
});

test('a transaction that refuses is rolled back and says why', async () => {
	const transaction = db.sql.begin('isolation level serializable', async (tx) => {
		await tx`insert into notes values ('refused')`;
		throw new Error('No.');
	});
	await expect(transaction).rejects.toThrow('No.');
	expect(await db.sql`select text from notes`).toEqual([]);
});

test('a reserved connection answers one statement at a time, and takes no transaction', async () => {
	const reserved = await db.sql.reserve();
	expect(await reserved.unsafe('select $1::text as word', ['hello'])).toEqual([{ word: 'hello' }]);
	expect(() => reserved.unsafe('begin')).toThrow('A reserved connection takes no transaction.');
	reserved.release();
});

test('however often the store goes away under load, all connections work again at once', async () => {
	let isOver = false;
	const counts = { done: 0, failed: 0 };
	async function work(one: () => Promise<unknown>): Promise<void> {
		while (!isOver) {
			await one().then(
				() => (counts.done += 1),
				() => (counts.failed += 1),
			);
		}
	}
	const workers = Array.from({ length: 6 }, () => [
		work(() => db.sql`select 1`),
		work(() =>
			db.sql.begin(async (tx) => {
				await tx`select 1`;
				await tx`select ${'x'.repeat(2_000)}::text`;
			}),
		),
		work(async () => {
			using owned = new DisposableStack();
			const reserved = await db.sql.reserve();
			owned.defer(() => reserved.release());
			await reserved.unsafe('select 1');
		}),
	]).flat();
	for (let round = 0; round < 15; round++) {
		const before = counts.done;
		await until('work is done', () => counts.done > before + 20);
		postgres.wire.cut();
		const failures = counts.failed;
		await until('work fails', () => counts.failed > failures);
		postgres.wire.open();
		await works();
	}
	isOver = true;
	await Promise.all(workers);
	const started = performance.now();
	await Promise.all(Array.from({ length: 40 }, () => db.sql`select 1`));
	expect(performance.now() - started).toBeLessThan(2_000);
});
