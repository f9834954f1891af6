import { Hono } from 'hono';
import { Refusal } from '#core/refusal.ts';
import { may } from '#core/response/access.ts';
import type { Identity } from '#server/auth/identity.ts';
import type { Logger } from '#server/log.ts';
import type { StoreState } from '#server/storage/store.ts';
import type { ApiEnv } from './env.ts';
import { named, onlyKnown } from './gates.ts';
import { tableOf } from './knownRoutes.ts';
import type { Metrics } from './metrics.ts';
import { answerProblem } from './problems.ts';

export interface HealthParts {
	readonly log: Logger;
	readonly metrics: Metrics;
	/** Who asks; null if nobody. Throws while the store is away. */
	readonly identify: (headers: Headers) => Promise<Identity | null>;
	readonly lookAtStore: () => Promise<StoreState>;
	/** Whether the other nodes can be reached; null for a node that is alone. */
	readonly isRedisThere: () => boolean | null;
	/** Whether Muster was told to stop. */
	readonly isStopping: () => boolean;
}

/** For machines that watch: `/healthz` (alive), `/readyz` (takes work), `/metrics` (Prometheus). */
export function createHealth(parts: HealthParts): Hono<ApiEnv> {
	const app = new Hono<ApiEnv>();
	const paths = ['/healthz', '/readyz', '/metrics'];
	let isOutgrownTold = false;
	app.onError((error, c) => answerProblem(error, c, { log: parts.log, refused: () => undefined }));
	app.use(
		named(() => undefined),
		onlyKnown(tableOf(paths.map((path) => ({ method: 'GET', path })))),
	);
	app.get('/healthz', (c) => c.json({ state: 'alive' }));
	app.get('/readyz', async (c) => {
		if (parts.isStopping()) return c.json({ state: 'stopping' }, 503);
		const store = await parts.lookAtStore();
		if (store === 'outgrown') {
			if (!isOutgrownTold) parts.log.error('the database needs a newer Muster: replace this node');
			isOutgrownTold = true;
			return c.json({ state: 'outgrown', store }, 503);
		}
		// Without the store people go on editing, without Redis nodes are slower: better than none.
		const isRedisThere = parts.isRedisThere();
		const isWhole = store === 'there' && isRedisThere !== false;
		return c.json({
			...{ state: isWhole ? 'ready' : 'degraded', store },
			...(isRedisThere !== null && { redis: isRedisThere ? 'there' : 'away' }),
		});
	});
	app.get('/metrics', async (c) => {
		if (!isFromHere(c.env.address, c.req.raw.headers)) await onlyAdmin(c.req.raw.headers, parts);
		return c.text(await parts.metrics.text(), 200, { 'Content-Type': parts.metrics.contentType });
	});
	return app;
}

/** From this machine, and not through a proxy on it that speaks for others. */
function isFromHere(address: string, headers: Headers): boolean {
	const isLoopback = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
	return isLoopback && !headers.has('x-forwarded-for') && !headers.has('forwarded');
}

async function onlyAdmin(headers: Headers, { identify }: HealthParts): Promise<void> {
	const identity = headers.has('authorization') ? await identify(headers) : null;
	if (!identity) throw new Refusal('signedOut', 'The metrics are for admins, by token.');
	if (!may(identity.person, 'administer', null)) {
		throw new Refusal('forbidden', 'Only an admin can do this.');
	}
}
