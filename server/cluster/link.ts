import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { connectRedis, type RedisClient } from './redis.ts';
import { Seal } from './seal.ts';

/** What arrived on a channel from another node. */
export type Hear = (body: Buffer, node: string) => void;

export interface LinkParts {
	/** One address, or several of one Redis Cluster. */
	readonly addresses: readonly string[];
	/** The installation's, the same on all nodes. */
	readonly secret: string;
	readonly log: Logger;
}

/** What is listened to. */
interface Channel {
	readonly name: string;
	readonly take: (message: Buffer) => void;
	readonly held: () => void;
}

/** What a node left in Redis. */
export interface Left {
	readonly node: string;
	readonly body: Buffer;
}

const nodeLength = 36;
const nothing = new Uint8Array();

/**
 * This node's way to the others, through Redis. Nothing depends on it: while Redis is away what is
 * said is lost, and everybody who listens has another, slower way to find it out. A connection lives
 * as long as this node hears itself through it; then it is made anew, with all its channels.
 */
export class Link implements AsyncDisposable {
	/** Names this node as long as it runs. */
	readonly node = randomUUID();
	/** Messages that none of our nodes sent. */
	forged = 0;
	readonly #parts: LinkParts;
	readonly #seal: Seal;
	readonly #channels = new Map<string, Channel>();
	readonly #onChange = new Set<(isThere: boolean) => void>();
	#client: RedisClient | null = null;
	#waiting = 0;
	#waitingBytes = 0;
	#heardSelfAt = 0;
	readonly #over = new AbortController();
	#life: Promise<void> = Promise.resolve();
	#toldForgedAt = -Infinity;

	constructor(parts: LinkParts) {
		this.#parts = parts;
		this.#seal = new Seal(parts.secret);
		this.#channels.set(
			this.#pulse,
			this.#channel(this.#pulse, () => (this.#heardSelfAt = performance.now())),
		);
	}

	/** Whether other nodes can be reached. */
	get isThere(): boolean {
		return this.#client !== null;
	}

	/** The name of a channel or a key; `about` is kept in one place of a Redis Cluster. */
	nameOf(kind: string, about: string): string {
		return `muster:${this.#seal.name}:{${about}}:${kind}`;
	}

	/** Begins, and gives Redis a moment to answer; without it everything begins all the same. */
	async start(): Promise<void> {
		const first = Promise.withResolvers<void>();
		this.#life = this.#live(() => first.resolve());
		await first.promise;
	}

	/** Hears when Redis comes and goes. */
	onChange(hear: (isThere: boolean) => void): void {
		this.#onChange.add(hear);
	}

	/** Says something to the other nodes. It may get lost. */
	say(channel: string, body: Uint8Array): void {
		if (this.#waitingBytes > limits.redisWaitingBytes) return;
		this.#waitingBytes += body.length;
		void this.#send((client) => client.publish(channel, this.#sealed(channel, body))).finally(
			() => (this.#waitingBytes -= body.length),
		);
	}

	/**
	 * Hears what other nodes say on a channel; gives what ends it. One hearer a channel. `held` is told
	 * each time that nothing is missed from then on.
	 */
	listen(name: string, hear: Hear, held: () => void = () => undefined): () => void {
		const channel = this.#channel(name, hear, held);
		this.#channels.set(name, channel);
		this.#client?.subscribe(name, channel.take).then(held, () => undefined);
		return () => {
			if (this.#channels.get(name) === channel) this.#channels.delete(name);
			this.#client?.unsubscribe(name, channel.take).catch(() => undefined);
		};
	}

	/** Leaves something under this node's name for so long (ms); it may get lost. */
	leave(key: string, body: Uint8Array, ms: number): void {
		void this.#send(async (client) => {
			await Promise.all([
				client.setField(key, this.node, this.#sealed(key, body)),
				client.expire(key, ms),
			]);
		});
	}

	/** Takes away what this node left, or one that is gone. */
	takeAway(key: string, node: string = this.node): void {
		void this.#send((client) => client.deleteField(key, node));
	}

	/** A name in Redis that tells nobody what it is about. */
	digest(text: string): string {
		return this.#seal.digest(text);
	}

	/** What the other nodes left under a key; null while Redis is away. */
	async left(key: string): Promise<readonly Left[] | null> {
		const values = await this.#ask((client) => client.values(key));
		const read = values?.map((value) => this.#read(key, value)) ?? null;
		return read && read.filter((one) => one !== null).filter(({ node }) => node !== this.node);
	}

	/** Runs a script on some keys; null while Redis is away, and when it fails or takes longer than so many ms. */
	run(
		script: string,
		on: { readonly keys: readonly string[]; readonly args: readonly string[] },
		withinMs: number,
	): Promise<unknown> {
		return this.#ask((client) => client.run(script, on.keys, on.args), withinMs);
	}

	/** Asks Redis something; null while it is away, and when it fails or is too late. */
	async #ask<T>(
		question: (client: RedisClient) => Promise<T>,
		withinMs: number = limits.redisAnswerMs,
	): Promise<T | null> {
		if (!this.#client) return null;
		const late = Promise.withResolvers<null>();
		const timer = setTimeout(() => late.resolve(null), withinMs);
		const answer = await Promise.race([this.#send(question), late.promise]);
		clearTimeout(timer);
		return answer;
	}

	/** As `#ask`, for who waits for no answer. */
	async #send<T>(question: (client: RedisClient) => Promise<T>): Promise<T | null> {
		if (!this.#client || this.#waiting >= limits.redisWaiting) return null;
		this.#waiting += 1;
		return question(this.#client)
			.catch(() => null /* the pulse finds out whether this was more than bad luck */)
			.finally(() => (this.#waiting -= 1));
	}

	#sealed(place: string, body: Uint8Array): Buffer {
		return this.#seal.close(place, Buffer.concat([Buffer.from(this.node), body]));
	}

	/** What one of our nodes sealed for this place; null for anything else, which is noted. */
	#read(place: string, message: Buffer): Left | null {
		const body = this.#seal.open(place, message);
		if (!body || body.length < nodeLength) {
			this.#noteForged(place);
			return null;
		}
		return { node: body.toString('latin1', 0, nodeLength), body: body.subarray(nodeLength) };
	}

	get #pulse(): string {
		return this.nameOf('pulse', this.node);
	}

	async #live(tried: () => void): Promise<void> {
		const { signal } = this.#over;
		for (let isFirst = true; !signal.aborted; isFirst = false) {
			try {
				const error = await this.#liveOnce(tried);
				if (!signal.aborted) this.#parts.log.warn({ err: error }, 'redis is away');
			} catch (error) {
				if (isFirst) this.#parts.log.warn({ err: error }, 'redis is away: nodes are slower');
			}
			tried();
			await pause(limits.redisAgainMs, null, { signal }).catch(() => null);
		}
	}

	/** One connection, from its beginning to its end; gives why it ended. Throws if there was none. */
	async #liveOnce(begun: () => void): Promise<Error | null> {
		const lost = Promise.withResolvers<Error | null>();
		const client = await connectRedis(this.#parts.addresses, lost.resolve);
		const end = () => lost.resolve(null);
		this.#over.signal.addEventListener('abort', end);
		if (this.#over.signal.aborted) end();
		const timer = this.#takePulse(client, lost.resolve);
		try {
			const error = await Promise.race([lost.promise, this.#listenToAll(client)]);
			if (error !== 'listening') return error;
			this.#parts.log.info('redis is there');
			this.#set(client);
			for (const { held } of this.#channels.values()) held();
			begun();
			return await lost.promise;
		} finally {
			clearInterval(timer);
			this.#over.signal.removeEventListener('abort', end);
			this.#set(null);
			client.end();
		}
	}

	/** Whoever does not hear itself is heard by nobody, however well its connection looks. */
	#takePulse(client: RedisClient, lost: (error: Error) => void): NodeJS.Timeout {
		this.#heardSelfAt = performance.now();
		return setInterval(() => {
			if (performance.now() - this.#heardSelfAt > limits.redisSilenceMs) {
				return lost(new Error('Redis passes nothing on.'));
			}
			client.publish(this.#pulse, this.#sealed(this.#pulse, nothing)).catch(lost);
		}, limits.redisPulseMs);
	}

	/** Also what is added meanwhile. */
	async #listenToAll(client: RedisClient): Promise<'listening'> {
		for (const { name, take } of this.#channels.values()) await client.subscribe(name, take);
		return 'listening';
	}

	#set(client: RedisClient | null): void {
		const wasThere = this.isThere;
		this.#client = client;
		if (wasThere === this.isThere) return;
		for (const hear of this.#onChange) hear(this.isThere);
	}

	#channel(name: string, hear: Hear, held: () => void = () => undefined): Channel {
		const take = (message: Buffer): void => {
			const read = this.#read(name, message);
			const isEcho = read?.node === this.node && name !== this.#pulse;
			if (!read || isEcho) return;
			try {
				hear(read.body, read.node);
			} catch (error) {
				// A newer Muster may say what this one cannot read: whoever listens has another way.
				this.#parts.log.debug({ err: error, channel: name }, 'what a node said is passed over');
			}
		};
		return { name, take, held };
	}

	#noteForged(channel: string): void {
		this.forged += 1;
		const now = performance.now();
		if (now - this.#toldForgedAt < limits.refusalLogMs) return;
		this.#toldForgedAt = now;
		this.#parts.log.error({ channel }, 'somebody else speaks on a channel of ours');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#over.abort();
		await this.#life;
	}
}
