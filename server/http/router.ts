import { OpenAPIHono } from '@hono/zod-openapi';
import { refusalOf } from './body.ts';
import type { ApiEnv } from './env.ts';

export type ApiRouter = OpenAPIHono<ApiEnv>;

/** A part's routes, to be mounted by `createApi`; paths are below `/api/v1`. */
export function newRouter(): ApiRouter {
	return new OpenAPIHono<ApiEnv>({
		defaultHook: (result) => {
			if (!result.success) throw refusalOf(result.error.issues);
		},
	});
}
