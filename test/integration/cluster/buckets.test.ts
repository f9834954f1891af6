import { expect, onTestFinished, test } from 'vitest';
import { Guesses } from '#server/auth/guesses.ts';
import { SharedGuesses } from '#server/auth/sharedGuesses.ts';
import { Link } from '#server/cluster/link.ts';
import { redisBuckets } from '#server/cluster/redisBuckets.ts';
import { createLog } from '#server/log.ts';
import { startRedis, type OwnRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

async function redisOfMine(): Promise<OwnRedis> {
	const redis = await startRedis();
	onTestFinished(() => redis[Symbol.asyncDispose]());
	return redis;
}

async function linkTo(redis: OwnRedis): Promise<Link> {
	const link = new Link({ addresses: [redis.url], secret: 'ours', log: createLog('silent') });
	onTestFinished(() => link[Symbol.asyncDispose]());
	await link.start();
	return link;
}

async function guessesOf(redis: OwnRedis): Promise<SharedGuesses> {
	return new SharedGuesses(new Guesses(() => 0), redisBuckets(await linkTo(redis)));
}

test('a bucket is one for all nodes, and fills again with time', async () => {
	const redis = await redisOfMine();
	const nodes = [redisBuckets(await linkTo(redis)), redisBuckets(await linkTo(redis))] as const;
	const bucket = { name: 'ada', burst: 3, refillMs: 200 };
	const waits: (number | null)[] = [];
	for (let i = 0; i < 4; i++) waits.push(await nodes[i % 2 === 0 ? 0 : 1].take([bucket]));
	expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
	expect(waits[3]).toBeGreaterThan(0);
	await until('it fills again', async () => (await nodes[1].take([bucket])) === 0);
});

test('of several buckets all are taken from or none, and what is given back is there', async () => {
	const buckets = redisBuckets(await linkTo(await redisOfMine()));
	const small = { name: 'small', burst: 1, refillMs: 3_600_000 };
	const large = { name: 'large', burst: 2, refillMs: 3_600_000 };
	expect(await buckets.take([small, large])).toBe(0);
	expect(await buckets.take([small, large])).toBeGreaterThan(3_000_000);
	buckets.give([small]);
	expect(await buckets.take([small, large])).toBe(0);
	expect(await buckets.take([large])).toBeGreaterThan(3_000_000);
});

test('whoever guesses at two nodes by turns has ten guesses, not twenty', async () => {
	const redis = await redisOfMine();
	const nodes = [await guessesOf(redis), await guessesOf(redis)] as const;
	const states: string[] = [];
	for (let i = 0; i < 14; i++) {
		const node = nodes[i % 2 === 0 ? 0 : 1];
		states.push((await node.take('ada@example.com', '192.0.2.1')).state);
	}
	expect(states.filter((state) => state === 'allowed')).toHaveLength(10);
});

test('while Redis is away each node counts for itself, and asks nobody for long', async () => {
	const redis = await redisOfMine();
	const guesses = await guessesOf(redis);
	redis.freeze();
	const tries: string[] = [];
	for (let i = 0; i < 12; i++) {
		tries.push((await guesses.take('ada@example.com', '192.0.2.1')).state);
	}
	redis.thaw();
	expect(tries.filter((state) => state === 'allowed')).toHaveLength(10);
});

test('neither accounts nor addresses stand in Redis', async () => {
	const redis = await redisOfMine();
	await (await guessesOf(redis)).take('ada@example.com', '192.0.2.1');
	const keys = await redis.ask('KEYS', '*');
	expect(keys).toContain('bucket');
	expect(keys).not.toMatch(/ada|192\.0/);
});
