import { z } from '@hono/zod-openapi';
import * as mini from 'zod/mini';
import type { ApiRouter } from './router.ts';

const problem = z
	.object({
		error: z.object({
			code: z.string(),
			message: z.string(),
			field: z.string().optional(),
			requestId: z.string(),
		}),
	})
	.openapi('Problem');

interface JsonBody {
	readonly required: true;
	readonly content: { readonly 'application/json': { readonly schema: object } };
}

/** A schema that `core` reads a body by, as a route's description takes it. */
export function jsonBody(schema: mini.core.$ZodType): JsonBody {
	const { $schema: _dialect, ...described } = mini.toJSONSchema(schema, { io: 'input' });
	return {
		required: true,
		content: { 'application/json': { schema: described } },
	};
}

/** The description of every route, OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0). */
export function describeApi(app: ApiRouter, openRoutes: readonly string[]): object {
	const registry = app.openAPIRegistry;
	registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
	registry.register('Problem', problem);
	const document = app.getOpenAPI31Document({
		openapi: '3.1.0',
		info: { title: 'Muster', version: '1' },
		security: [{ token: [] }],
	});
	const open = new Set(openRoutes.map((path) => path.replaceAll(/:(\w+)/g, '{$1}')));
	for (const [path, operations] of Object.entries(document.paths ?? {})) {
		for (const operation of Object.values(operations)) completeOperation(operation, open.has(path));
	}
	return document;
}

interface Operation {
	responses?: Record<string, object>;
	security?: object[];
}

/** What all routes have in common is said once, here. */
function completeOperation(operation: Operation, isOpen: boolean): void {
	if (isOpen) operation.security = [];
	operation.responses = {
		...operation.responses,
		default: {
			description: 'Refused, with a sentence that says why',
			content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
		},
	};
}
