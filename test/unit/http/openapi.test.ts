import { expect, test } from 'vitest';
import { createApi, type ApiParts } from '#server/http/api.ts';
import type { ApiRouter } from '#server/http/router.ts';
import { createLog } from '#server/log.ts';

type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Every file of routes there is, so that none is forgotten. */
const modules: Modules = import.meta.glob('../../../server/http/api/*.ts', { eager: true });

const nothing = () => undefined;
const parts = {
	log: createLog('silent'),
	now: () => 0,
	auth: { identify: async () => null, isSetUp: () => true },
	isOwnOrigin: () => true,
	answered: nothing,
	refused: nothing,
	db: {},
	rooms: {},
	people: {},
};

const routes = Object.values(modules)
	.flatMap((module) => Object.entries(module))
	.filter(([name]) => name.endsWith('Routes'))
	// Some files hold several routers, some gather what others hold.
	.flatMap(([, make]) => (make as (parts: object) => ApiRouter | readonly ApiRouter[])(parts));
const api = createApi({ ...(parts as unknown as ApiParts), routes });

interface Operation {
	readonly summary?: string;
	readonly responses: Readonly<Record<string, object>>;
	readonly requestBody?: { readonly content: Readonly<Record<string, { schema: object }>> };
	readonly security?: object[];
}
interface Description {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const answer = await api.request('/api/v1/openapi.json', {}, { address: '' });
const description = (await answer.json()) as Description;
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({
		name: `${method.toUpperCase()} ${path}`,
		operation,
	})),
);

test('every route that answers is described', () => {
	const answering = api.routes
		.filter(({ method }) => method !== 'ALL')
		.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
	expect(answering.length).toBeGreaterThan(15);
	const described = operations.map(({ name }) => name);
	expect(described.sort()).toEqual([...new Set(answering)].sort());
});

test.each(operations)('$name says what it does, takes and refuses', ({ name, operation }) => {
	expect(operation.summary).toMatch(/^[A-Z]/);
	expect(Object.keys(operation.responses)).toContain('default');
	expect(operation.requestBody !== undefined).toBe(/^(POST|PUT|PATCH)/.test(name));
});

test('a route that takes a body names its fields, and that it takes no others', () => {
	const declaring = description.paths['/api/v1/incidents']?.['post'];
	expect(declaring?.requestBody?.content['application/json']?.schema).toMatchObject({
		type: 'object',
		required: ['title'],
		additionalProperties: false,
		properties: {
			title: { type: 'string', minLength: 1, maxLength: 200 },
			idempotencyKey: { type: 'string' },
		},
	});
});

test('every reference leads somewhere', () => {
	const found = JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
	const names = new Set(Array.from(found, ([, name]) => name ?? ''));
	expect(names.size).toBeGreaterThan(3);
	expect(Object.keys(description.components.schemas)).toEqual(expect.arrayContaining([...names]));
});

test('what is open to anybody says so', () => {
	const open = operations.filter(({ operation }) => operation.security?.length === 0);
	expect(new Set(open.map(({ name }) => name.split(' ')[1]))).toEqual(
		new Set([
			'/api/v1/invitations/{token}',
			'/api/v1/openapi.json',
			'/api/v1/session',
			'/api/v1/setup',
			'/api/v1/setup/state',
		]),
	);
});
