import { expect, test } from 'vitest';
import { createLog, type LogLevel, type Logger } from '#server/log.ts';

function logged(write: (log: Logger) => void, level: LogLevel = 'info'): Record<string, unknown>[] {
	const lines: string[] = [];
	write(createLog(level, { write: (line) => void lines.push(line) }));
	return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line has its instant, its level in words, its part, its fields and its phrase', () => {
	const [line] = logged((log) => log.child({ part: 'sync' }).info({ ms: 3 }, 'turn is committed'));
	expect(line).toEqual({
		time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
		level: 'info',
		part: 'sync',
		ms: 3,
		msg: 'turn is committed',
	});
});

test('what is named like a secret is censored at three levels', () => {
	const password = 'correct horse';
	const fields = {
		password,
		body: { password, token: password },
		request: { headers: { authorization: password, cookie: password } },
	};
	const lines = logged((log) => log.info(fields, 'request'));
	expect(JSON.stringify(lines)).not.toContain(password);
	expect(lines[0]).toMatchObject({ password: '[secret]', body: { token: '[secret]' } });
});

test('an error tells its message, code, stack and cause, but not the rows that it quotes', () => {
	const cause = Object.assign(new Error('duplicate key'), {
		code: '23505',
		detail: 'Key (text)=(checkout is down) already exists.',
		parameters: ['checkout is down'],
	});
	const [line] = logged((log) => log.error({ err: new Error('no', { cause }) }, 'it failed'));
	expect(line).toMatchObject({
		err: { type: 'Error', message: 'no', cause: { message: 'duplicate key', code: '23505' } },
	});
	expect(JSON.stringify(line)).not.toContain('checkout is down');
});

test('what was thrown without being an error is told as well', () => {
	const [line] = logged((log) => log.error({ err: 'a word' }, 'it failed'));
	expect(line).toMatchObject({ err: { message: 'a word' } });
});

test('below its level the log is quiet', () => {
	expect(logged((log) => log.info('no'), 'warn')).toEqual([]);
	expect(logged((log) => log.fatal('no'), 'silent')).toEqual([]);
});
