import type { Bucket, Buckets } from '#server/buckets.ts';
import { limits } from '#server/limits.ts';
import type { Link } from './link.ts';

/** Takes one of each key's bucket, or of none; by the clock of Redis, so that nodes need not agree. */
const take = `
	local t = redis.call('TIME')
	local now = t[1] * 1000 + math.floor(t[2] / 1000)
	local wait, left = 0, {}
	for i, key in ipairs(KEYS) do
		local burst, refill = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
		local kept = redis.call('HMGET', key, 'left', 'at')
		left[i] = burst
		if kept[1] and kept[2] then
			left[i] = math.min(burst, math.max(0, tonumber(kept[1])) + math.max(0, now - tonumber(kept[2])) / refill)
		end
		wait = math.max(wait, math.ceil((1 - left[i]) * refill))
	end
	if wait > 0 then return wait end
	for i, key in ipairs(KEYS) do
		redis.call('HSET', key, 'left', tostring(left[i] - 1), 'at', tostring(now))
		redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i - 1] * ARGV[2 * i]) + 1000)
	end
	return 0`;

const give = `
	for _, key in ipairs(KEYS) do
		if redis.call('EXISTS', key) == 1 then redis.call('HINCRBYFLOAT', key, 'left', 1) end
	end
	return 0`;

/** Buckets in Redis. What they are about (addresses, accounts) is in their names as a digest alone. */
export function redisBuckets(link: Link): Buckets {
	// In one place of a Redis Cluster, as a script may touch one place only.
	const keysOf = (buckets: readonly Bucket[]): string[] =>
		buckets.map(({ name }) => `${link.nameOf('bucket', 'buckets')}:${link.digest(name)}`);
	return {
		async take(buckets) {
			const sizes = buckets.flatMap(({ burst, refillMs }) => [String(burst), String(refillMs)]);
			const waitMs = await link.run(
				take,
				{ keys: keysOf(buckets), args: sizes },
				limits.bucketAnswerMs,
			);
			return typeof waitMs === 'number' ? waitMs : null;
		},
		give: (buckets) =>
			void link.run(give, { keys: keysOf(buckets), args: [] }, limits.bucketAnswerMs),
	};
}
