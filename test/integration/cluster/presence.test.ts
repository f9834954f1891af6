import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { Present } from '#core/wire.ts';
import { Link } from '#server/cluster/link.ts';
import { SharedPresence } from '#server/cluster/sharedPresence.ts';
import { createLog } from '#server/log.ts';
import { ProcessPresence, type PresenceStore } from '#server/presence/store.ts';
import { startRedis, type OwnRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

const log = createLog('silent');
let came = 0;
let incident: IncidentId;
beforeEach(() => void (incident = randomUUID() as IncidentId));

async function redisOfMine(): Promise<OwnRedis> {
	const redis = await startRedis();
	onTestFinished(() => redis[Symbol.asyncDispose]());
	return redis;
}

/** The presence of one more node. */
async function nodeOn({ url }: OwnRedis): Promise<SharedPresence & { leave: () => Promise<void> }> {
	const link = new Link({ addresses: [url], secret: 'ours', log });
	await link.start();
	const store = new SharedPresence(link);
	const leave = async (): Promise<void> => {
		store[Symbol.dispose]();
		await link[Symbol.asyncDispose]();
	};
	onTestFinished(leave);
	return Object.assign(store, { leave });
}

/** Somebody on a connection of their own. */
function present(name: string, more: Partial<Present> = {}): Present {
	came += 1;
	const person = `person-${name}` as PersonId;
	return { person, name, conn: randomUUID(), place: null, since: came, idle: false, ...more };
}

function namesIn(store: PresenceStore): string {
	return store
		.in(incident)
		.map(({ name }) => name)
		.join();
}

async function sees(store: PresenceStore, names: string, withinMs?: number): Promise<void> {
	await until(`${names || 'nobody'} is seen`, () => namesIn(store) === names, withinMs);
}

const kinds: Record<string, () => Promise<PresenceStore>> = {
	'of one process': async () => new ProcessPresence(),
	'of several nodes': async () => nodeOn(await redisOfMine()),
};

describe.each(Object.entries(kinds))('presence %s', (_, open) => {
	test('tells who is in a room in the order in which they came, and where', async () => {
		const store = await open();
		const ada = present('ada');
		store.put(incident, ada);
		store.put(incident, present('grace'));
		store.put(incident, { ...ada, place: 'impact' });
		expect(namesIn(store)).toBe('ada,grace');
		expect(store.in(incident)[0]?.place).toBe('impact');
		store.remove(incident, ada.conn);
		expect(namesIn(store)).toBe('grace');
	});

	test('counts persons, not connections, and knows nobody in a room without people', async () => {
		const store = await open();
		store.put(incident, present('ada'));
		store.put(incident, present('ada'));
		const other = randomUUID() as IncidentId;
		expect(await store.counts([incident, other])).toEqual(
			new Map([
				[incident, 1],
				[other, 0],
			]),
		);
		expect(store.in(other)).toEqual([]);
		expect(store.isWhole).toBe(true);
	});
});

describe('people of several nodes', () => {
	test('see each other, in the order in which they came, until they leave', async () => {
		const redis = await redisOfMine();
		const [a, b] = [await nodeOn(redis), await nodeOn(redis)];
		const [ada, grace] = [present('ada'), present('grace')];
		a.put(incident, ada);
		b.put(incident, grace);
		await Promise.all([sees(a, 'ada,grace'), sees(b, 'ada,grace')]);
		a.put(incident, { ...ada, place: 'notes' });
		await until('b sees where ada is', () => b.in(incident)[0]?.place === 'notes');
		a.remove(incident, ada.conn);
		await sees(b, 'grace');
	});

	test('are counted on nodes where nobody is in the room', async () => {
		const redis = await redisOfMine();
		const [a, b] = [await nodeOn(redis), await nodeOn(redis)];
		a.put(incident, present('ada'));
		await until('b counts ada', async () => (await b.counts([incident])).get(incident) === 1);
	});

	test('are gone soon when their node is', async () => {
		const redis = await redisOfMine();
		const [a, b] = [await nodeOn(redis), await nodeOn(redis)];
		a.put(incident, present('ada'));
		b.put(incident, present('grace'));
		await sees(b, 'ada,grace');
		await a.leave(); // without a word, as when it is killed
		await sees(b, 'grace', 20_000);
		const c = await nodeOn(redis);
		expect((await c.counts([incident])).get(incident)).toBe(1);
		c.put(incident, present('linus'));
		await sees(c, 'grace,linus');
	});

	test.each<[string, (redis: OwnRedis) => Promise<unknown>]>([
		['is emptied', (redis) => redis.ask('FLUSHALL')],
		['ends all that listen', (redis) => redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')],
		[
			'is killed and started again',
			async (redis) => {
				await redis.kill();
				await redis.start();
			},
		],
		[
			'is full and evicts everything',
			async (redis) => {
				await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
				await redis.ask('CONFIG', 'SET', 'maxmemory', '1');
			},
		],
	])('are all seen again though Redis %s', async (_, breaks) => {
		const redis = await redisOfMine();
		const [a, b] = [await nodeOn(redis), await nodeOn(redis)];
		a.put(incident, present('ada'));
		b.put(incident, present('grace'));
		await sees(b, 'ada,grace');
		await breaks(redis);
		a.put(incident, present('linus'));
		await sees(b, 'ada,grace,linus', 15_000);
		await sees(a, 'ada,grace,linus', 15_000);
	});

	test('know that they do not see everybody while Redis is away', async () => {
		const redis = await redisOfMine();
		const store = await nodeOn(redis);
		store.put(incident, present('ada'));
		const heard: boolean[] = [];
		store.onChange(() => heard.push(store.isWhole));
		await redis.kill();
		await until('it is told', () => heard.at(-1) === false);
		expect(namesIn(store)).toBe('ada');
		await redis.start();
		await until('it is told that all is well again', () => heard.at(-1) === true);
	});
});
