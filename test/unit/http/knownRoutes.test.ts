import { expect, test } from 'vitest';
import { tableOf } from '#server/http/knownRoutes.ts';

const find = tableOf([
	{ method: 'GET', path: '/incidents' },
	{ method: 'POST', path: '/incidents' },
	{ method: 'DELETE', path: '/tokens/:id' },
]);

test('a path takes the methods of its routes, and HEAD where it takes GET', () => {
	expect(find('/incidents')?.methods).toEqual(['GET', 'HEAD', 'POST']);
	expect(find('/tokens/7')).toEqual(
		expect.objectContaining({ path: '/tokens/:id', methods: ['DELETE'] }),
	);
});

test.each(['/', '/incident', '/incidents/', '/tokens', '/tokens/', '/tokens/7/8', '/tokens/:id/x'])(
	'%s is unknown',
	(path) => {
		expect(find(path)).toBeNull();
	},
);
