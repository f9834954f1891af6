import { createClient, createCluster, RESP_TYPES } from 'redis';
import { limits } from '#server/limits.ts';

/** Hears what arrives on a channel. */
type Hear = (message: Buffer) => void;

/** What the cluster uses of Redis, one server or many. */
export interface RedisClient {
	publish(channel: string, message: Buffer): Promise<unknown>;
	subscribe(channel: string, hear: Hear): Promise<void>;
	/** With the very function that hears: else a channel that is left and heard again at once stays deaf. */
	unsubscribe(channel: string, hear: Hear): Promise<void>;
	/** All values of a hash. */
	values(key: string): Promise<Buffer[]>;
	setField(key: string, field: string, value: Buffer): Promise<unknown>;
	deleteField(key: string, field: string): Promise<unknown>;
	/** The key goes by itself after so many ms. */
	expire(key: string, ms: number): Promise<unknown>;
	run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
	/** Ends all connections at once. */
	end(): void;
}

/** Connects once; `lost` hears that it is over, however that came. Throws if nobody answers in time. */
export async function connectRedis(
	addresses: readonly string[],
	lost: (error: Error) => void,
): Promise<RedisClient> {
	const [address = '', ...others] = addresses;
	return others.length === 0 ? connectOne(address, lost) : connectMany(addresses, lost);
}

const connecting = {
	connectTimeout: limits.redisAnswerMs,
	// Whoever holds this connection begins anew, with fresh ones.
	reconnectStrategy: false,
} as const;

async function connectOne(url: string, lost: (error: Error) => void): Promise<RedisClient> {
	const client = createClient({ url, disableOfflineQueue: true, socket: connecting });
	const listener = client.duplicate();
	const end = () => [client, listener].forEach((one) => one.destroy());
	for (const one of [client, listener]) one.on('error', lost);
	await allInTime([client.connect(), listener.connect()], end);
	const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
	return {
		publish: (channel, message) => client.sPublish(channel, message),
		subscribe: (channel, hear) => listener.sSubscribe(channel, hear, true),
		unsubscribe: (channel, hear) => listener.sUnsubscribe(channel, hear, true),
		values: (key) => buffers.hVals(key),
		setField: (key, field, value) => client.hSet(key, field, value),
		deleteField: (key, field) => client.hDel(key, field),
		expire: (key, ms) => client.pExpire(key, ms),
		run: (script, keys, args) => client.eval(script, { keys: [...keys], arguments: [...args] }),
		end,
	};
}

async function connectMany(
	addresses: readonly string[],
	lost: (error: Error) => void,
): Promise<RedisClient> {
	const cluster = createCluster({
		rootNodes: addresses.map((url) => ({ url })),
		defaults: { socket: connecting, disableOfflineQueue: true },
	});
	cluster.on('error', lost);
	cluster.on('node-error', lost);
	const end = () => cluster.destroy();
	await allInTime([cluster.connect()], end);
	const buffers = cluster.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
	return {
		publish: (channel, message) => cluster.sPublish(channel, message),
		subscribe: (channel, hear) => cluster.sSubscribe(channel, hear, true),
		unsubscribe: (channel, hear) => cluster.sUnsubscribe(channel, hear, true),
		values: (key) => buffers.hVals(key),
		setField: (key, field, value) => cluster.hSet(key, field, value),
		deleteField: (key, field) => cluster.hDel(key, field),
		expire: (key, ms) => cluster.pExpire(key, ms),
		run: (script, keys, args) => cluster.eval(script, { keys: [...keys], arguments: [...args] }),
		end,
	};
}

/** A server that is frozen takes connections and says nothing. */
async function allInTime(work: readonly Promise<unknown>[], end: () => void): Promise<void> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(
		() => late.reject(new Error('Redis does not answer.')),
		limits.redisAnswerMs,
	);
	try {
		await Promise.race([Promise.all(work), late.promise]);
	} catch (error) {
		end();
		throw error;
	} finally {
		clearTimeout(timer);
	}
}
