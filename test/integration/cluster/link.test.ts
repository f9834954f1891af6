import { expect, onTestFinished, test } from 'vitest';
import { Link } from '#server/cluster/link.ts';
import { createLog } from '#server/log.ts';
import { prepareRedis, startRedis, type OwnRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

const log = createLog('silent');

async function owned<T extends AsyncDisposable>(making: Promise<T>): Promise<T> {
	const made = await making;
	onTestFinished(() => made[Symbol.asyncDispose]());
	return made;
}

async function linkTo(redis: Pick<OwnRedis, 'url'>, secret = 'ours'): Promise<Link> {
	const link = new Link({ addresses: [redis.url], secret, log });
	onTestFinished(() => link[Symbol.asyncDispose]());
	await link.start();
	return link;
}

/** What a link hears on a channel, from now on. */
function hearing(link: Link, kind: string): string[] {
	const heard: string[] = [];
	link.listen(link.nameOf(kind, 'all'), (body) => void heard.push(body.toString()));
	return heard;
}

function say(link: Link, kind: string, words: string): void {
	link.say(link.nameOf(kind, 'all'), Buffer.from(words));
}

test('what one node says the others hear, on this channel alone, and not itself', async () => {
	const redis = await owned(startRedis());
	const [a, b] = [await linkTo(redis), await linkTo(redis)];
	const heard = { a: hearing(a, 'turns'), b: hearing(b, 'turns'), else: hearing(b, 'present') };
	await until('b hears a', () => {
		say(a, 'turns', 'hello');
		return heard.b.length > 0;
	});
	expect(heard.b[0]).toBe('hello');
	expect(heard.a).toEqual([]);
	expect(heard.else).toEqual([]);
});

test('two installations on one Redis never meet', async () => {
	const redis = await owned(startRedis());
	const [ours, theirs] = [await linkTo(redis), await linkTo(redis, 'theirs')];
	const other = await linkTo(redis);
	const heard = { theirs: hearing(theirs, 'turns'), other: hearing(other, 'turns') };
	await until('the node of ours hears it', () => {
		say(ours, 'turns', 'hello');
		return heard.other.length > 0;
	});
	expect(heard.theirs).toEqual([]);
	expect(theirs.forged).toBe(0);
});

test('what somebody else puts on a channel is passed to nobody, and counted', async () => {
	const redis = await owned(startRedis());
	const [a, b] = [await linkTo(redis), await linkTo(redis)];
	const heard = hearing(b, 'turns');
	await until('b hears a', () => {
		say(a, 'turns', 'ours');
		return heard.length > 0;
	});
	const channel = b.nameOf('turns', 'all');
	for (const forged of ['', 'x', 'x'.repeat(200), '{"type":3}']) {
		await redis.ask('SPUBLISH', channel, forged);
	}
	await until('it is counted', () => b.forged === 4);
	expect(new Set(heard)).toEqual(new Set(['ours']));
});

test('a message of ours on another channel is nobody’s', async () => {
	const redis = await owned(startRedis());
	const [a, b] = [await linkTo(redis), await linkTo(redis)];
	const { Seal } = await import('#server/cluster/seal.ts');
	const sealed = new Seal('ours').close(a.nameOf('turns', 'one'), Buffer.from(a.node + 'hello'));
	const heard = hearing(b, 'turns');
	await until('it is counted', async () => {
		await redis.ask('SPUBLISH', b.nameOf('turns', 'all'), sealed);
		return b.forged > 0;
	});
	expect(heard).toEqual([]);
});

test.each<[string, (redis: OwnRedis) => Promise<unknown>, (redis: OwnRedis) => Promise<unknown>]>([
	['is killed and started again', (redis) => redis.kill(), (redis) => redis.start()],
	['is frozen and thawed', async (redis) => redis.freeze(), async (redis) => redis.thaw()],
	[
		'ends all that listen',
		(redis) => redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub'),
		async () => undefined,
	],
])('a Redis that %s is noticed, and all channels are there again', async (_, breaks, mends) => {
	const redis = await owned(startRedis());
	const [a, b] = [await linkTo(redis), await linkTo(redis)];
	const changes: boolean[] = [];
	b.onChange((isThere) => changes.push(isThere));
	const heard = hearing(b, 'turns');
	await breaks(redis);
	await until('it is noticed', () => changes[0] === false, 8_000);
	heard.length = 0;
	await mends(redis);
	await until('b hears a again', () => {
		say(a, 'turns', 'again');
		return heard.length > 0;
	});
	expect(b.isThere).toBe(true);
});

test('a node that starts without Redis joins once it is there', async () => {
	const redis = await owned(prepareRedis());
	const [a, b] = [await linkTo(redis), await linkTo(redis)];
	expect(a.isThere).toBe(false);
	const heard = hearing(b, 'turns');
	await redis.start();
	await until('b hears a', () => {
		say(a, 'turns', 'hello');
		return heard.length > 0;
	});
});

test('on a Redis Cluster all is the same', async () => {
	const redis = await owned(startRedis('--cluster-enabled', 'yes'));
	await redis.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
	await until('the cluster is ready', async () => {
		return (await redis.ask('CLUSTER', 'INFO')).includes('cluster_state:ok');
	});
	const links = Array.from(
		{ length: 2 },
		() => new Link({ addresses: [redis.url, redis.url], secret: 'ours', log }),
	);
	for (const link of links) {
		onTestFinished(() => link[Symbol.asyncDispose]());
		await link.start();
	}
	const [a, b] = links as [Link, Link];
	const heard = hearing(b, 'turns');
	await until('b hears a', () => {
		say(a, 'turns', 'hello');
		return heard.length > 0;
	});
	a.leave(a.nameOf('present', 'x'), Buffer.from('here'), 5_000);
	await until('b finds it', async () => (await b.left(b.nameOf('present', 'x')))?.length === 1);
});

test('a channel that is left and heard again at once is heard', async () => {
	const redis = await owned(startRedis());
	const [a, b] = [await linkTo(redis), await linkTo(redis)];
	const channel = b.nameOf('turns', 'all');
	const end = b.listen(channel, () => undefined);
	await redis.ask('PING');
	end();
	const heard = hearing(b, 'turns');
	await until('b hears a', () => {
		say(a, 'turns', 'hello');
		return heard.length > 0;
	});
});

test('a link that ends while it connects is over at once', async () => {
	const redis = await owned(startRedis());
	redis.freeze();
	const link = new Link({ addresses: [redis.url], secret: 'ours', log });
	const starting = link.start();
	redis.thaw();
	await link[Symbol.asyncDispose]();
	await starting;
	expect(link.isThere).toBe(false);
});
