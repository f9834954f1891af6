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

type Json<Schema> = Record<'application/json', { schema: Schema }>;

/** A body that cannot be left out. */
interface Body<Schema> {
	readonly required: true;
	readonly content: Json<Schema>;
}

/** What a route says in JSON, as its description takes it. */
export function json<Schema extends object>(schema: Schema): Json<Schema> {
	return { 'application/json': { schema } };
}

/** A body that is checked before the route sees it. */
export function checkedBody<Schema extends z.ZodType>(schema: Schema): Body<Schema> {
	return { required: true, content: json(schema) };
}

/** A body that the route reads itself, by a schema of `core`. */
export function describedBody(schema: mini.core.$ZodType): Body<object> {
	const { $schema: _dialect, ...described } = mini.toJSONSchema(schema, { io: 'input' });
	return { required: true, content: json(described) };
}

/** What a route answers by a schema of `core`, which nobody checks again on the way out. */
export function describedAnswer(schema: mini.core.$ZodType): Json<z.ZodUnknown> {
	const { $schema: _dialect, ...described } = mini.toJSONSchema(schema);
	return json(z.unknown().openapi(described as { type: 'object' }));
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
			content: json({ $ref: '#/components/schemas/Problem' }),
		},
	};
}
