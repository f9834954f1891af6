import { noBuckets, type Buckets } from '#server/buckets.ts';
import type { Logger } from '#server/log.ts';
import type { PresenceParts } from '#server/presence/presence.ts';
import { ProcessPresence } from '#server/presence/store.ts';
import { noFeed, type Feed } from '#server/sync/nodes/feed.ts';
import { Link } from './link.ts';
import { redisBuckets } from './redisBuckets.ts';
import { SharedPresence } from './sharedPresence.ts';
import { socketAdapter } from './socketAdapter.ts';
import { turnFeed } from './turnFeed.ts';

/** What a node shares with the others. Alone, it shares nothing, and misses nobody. */
export interface Cluster extends AsyncDisposable {
	readonly feed: Feed;
	readonly buckets: Buckets;
	/** What presence is told to use. */
	readonly presence: Pick<PresenceParts, 'store' | 'adapter'>;
	/** Whether the other nodes can be reached through Redis; null for a node that is alone. */
	readonly isRedisThere: () => boolean | null;
	/** Messages on our channels that no node of ours sent. */
	readonly forged: () => number;
}

export interface ClusterParts {
	/** Null without Redis. */
	readonly redisUrls: readonly string[] | null;
	readonly secret: string;
	readonly log: Logger;
}

/** Joins the other nodes; without Redis this node begins all the same and joins them later. */
export async function joinCluster({ redisUrls, ...parts }: ClusterParts): Promise<Cluster> {
	if (!redisUrls) return alone();
	const link = new Link({ addresses: redisUrls, ...parts });
	await link.start();
	const store = new SharedPresence(link);
	return {
		feed: turnFeed(link),
		buckets: redisBuckets(link),
		presence: { store, adapter: socketAdapter(link) },
		isRedisThere: () => link.isThere,
		forged: () => link.forged,
		async [Symbol.asyncDispose]() {
			store[Symbol.dispose]();
			await link[Symbol.asyncDispose]();
		},
	};
}

function alone(): Cluster {
	return {
		feed: noFeed,
		buckets: noBuckets,
		presence: { store: new ProcessPresence(), adapter: null },
		isRedisThere: () => null,
		forged: () => 0,
		async [Symbol.asyncDispose]() {
			// There is nothing to leave.
		},
	};
}
