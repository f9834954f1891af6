import { createRoute } from '@hono/zod-openapi';
import type { Identity } from '#server/auth/identity.ts';
import type { Buckets } from '#server/buckets.ts';
import type { Logger } from '#server/log.ts';
import {
	identified,
	named,
	onlyKnown,
	onlySetUp,
	onlySignedIn,
	onlySmall,
	onlyStrict,
} from './gates.ts';
import { tableOf } from './knownRoutes.ts';
import { archiveBody, historyBody, type LargeBody } from './largeBodies.ts';
import { describeApi } from './openapi.ts';
import { onlyJson, onlyOwnOrigin } from './origin.ts';
import { answerProblem } from './problems.ts';
import { onlySoMany } from './rate.ts';
import { newRouter, type ApiRouter } from './router.ts';

export interface ApiParts {
	readonly log: Logger;
	/** Epoch ms. */
	readonly now: () => number;
	readonly auth: {
		/** Who asks: by session cookie or bearer token; null if nobody. Throws while the store is away. */
		identify(headers: Headers): Promise<Identity | null>;
		/** Whether an admin exists. */
		isSetUp(): boolean | Promise<boolean>;
	};
	readonly isOwnOrigin: (origin: string) => boolean;
	/** Where requests are counted with the other nodes. */
	readonly buckets: Buckets;
	/** Hears of every answer: the route's path (`none` for unknown ones), and the status. */
	readonly answered: (route: string, status: number) => void;
	/** Hears the code of every refusal. */
	readonly refused: (code: string) => void;
	/** What the parts answer; paths are below `/api/v1`. */
	readonly routes: readonly ApiRouter[];
}

const base = '/api/v1';

/** Routes that answer somebody who is not signed in; some of them answer that nobody is. */
const openRoutes = [
	`${base}/openapi.json`,
	`${base}/session`,
	`${base}/setup`,
	`${base}/setup/state`,
	`${base}/invitations/:token`,
];
/** Routes that answer before an admin exists. */
const setupRoutes = [`${base}/setup`, `${base}/setup/state`];
/** Routes whose body is a file, which they read by the line to say where it is wrong. */
const fileRoutes = [`${base}/imports/timeline`];
/** Routes whose body is larger or of another type than others, which they read themselves. */
const large: ReadonlyMap<string, LargeBody> = new Map([
	[`${base}/imports/bundle`, archiveBody],
	[`${base}/imports/incidents`, historyBody],
]);

/** `/api/v1`: every request passes the same gates in the same order, then its route answers. */
export function createApi(parts: ApiParts): ApiRouter {
	const app = newRouter();
	const routers = [...parts.routes, descriptionOf(app)];
	const find = tableOf(
		routers.flatMap(({ routes }) =>
			routes.map(({ method, path }) => ({ method, path: base + path })),
		),
	);
	app.onError((error, c) => answerProblem(error, c, parts));
	app.use(
		named(parts.answered),
		onlySmall(large),
		onlyKnown(find),
		onlyOwnOrigin(parts.isOwnOrigin),
		onlyJson(large),
		identified((headers) => parts.auth.identify(headers)),
		onlySetUp(() => parts.auth.isSetUp(), setupRoutes),
		onlySignedIn(openRoutes),
		onlySoMany(parts.now, parts.buckets),
		onlyStrict([...fileRoutes, ...large.keys()]),
	);
	for (const router of routers) app.route(base, router);
	return app;
}

const descriptionRoute = createRoute({
	method: 'get',
	path: '/openapi.json',
	summary: 'This description',
	responses: { 200: { description: 'OpenAPI 3.1' } },
});

/** The description is written when somebody asks for it first: by then all routes are there. */
function descriptionOf(app: ApiRouter): ApiRouter {
	let description: object | null = null;
	return newRouter().openapi(descriptionRoute, (c) => {
		description ??= describeApi(app, openRoutes);
		return c.json(description);
	});
}
