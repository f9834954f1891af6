import { OpenAPIHono } from '@hono/zod-openapi';
import { Refusal } from '#core/refusal.ts';
import { fieldOf, sentenceFor } from './body.ts';
import type { ApiEnv } from './env.ts';

export type ApiRouter = OpenAPIHono<ApiEnv>;

/** A part's routes, to be mounted by `createApi`; paths are below `/api/v1`. */
export function newRouter(): ApiRouter {
	return new OpenAPIHono<ApiEnv>({
		defaultHook: (result) => {
			if (result.success) return;
			const [issue] = result.error.issues;
			if (!issue) throw new Refusal('invalid', 'This is not valid.');
			throw new Refusal('invalid', sentenceFor(issue), fieldOf(issue));
		},
	});
}
