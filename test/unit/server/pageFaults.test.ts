import { afterEach, expect, test, vi } from 'vitest';
import { handleError } from '../../../src/hooks.server.ts';

afterEach(() => vi.restoreAllMocks());

function failing(status: number, message: string) {
	const log = vi.spyOn(console, 'error').mockReturnValue(undefined);
	const event = { route: { id: null } } as Parameters<typeof handleError>[0]['event'];
	const shown = handleError({ error: new Error('/i/%E0%A4%A'), event, status, message });
	return { shown, lines: log.mock.calls.length };
}

test.each([400, 404, 405])('a request that is wrong (%i) is no fault: no id, no line', (status) => {
	expect(failing(status, 'Bad Request')).toEqual({ shown: { message: 'Bad Request' }, lines: 0 });
});

test('a fault has an id, and a line in the log', () => {
	const { shown, lines } = failing(500, 'Internal Error');
	expect(shown).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{8}$/) as string });
	expect(lines).toBe(1);
});
