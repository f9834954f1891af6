import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { Link } from './link.ts';

/**
 * socket.io's adapter on our link: what it says is sealed as everything is, and a Redis that is away
 * fails nothing. Everybody is told of everything; who is in which room is each node's own.
 */
export function socketAdapter(link: Link): ReturnType<typeof createShardedAdapter> {
	const ends = new Map<string, () => void>();
	const client = {
		async sSubscribe(channel: string, hear: (message: Buffer, channel: string) => void) {
			ends.set(
				channel,
				link.listen(channel, (body) => hear(body, channel)),
			);
		},
		async sUnsubscribe(channel: string) {
			ends.get(channel)?.();
			ends.delete(channel);
		},
		async sPublish(channel: string, message: string | Uint8Array) {
			link.say(channel, Buffer.from(message));
		},
	};
	const channelPrefix = link.nameOf('socket.io', 'nodes');
	return createShardedAdapter(client, client, { channelPrefix, subscriptionMode: 'static' });
}
