import { expect, test } from 'vitest';
import { Allowances } from '#server/allowance.ts';

const once = { burst: 1, perSecond: 0 };

test('each has an allowance of their own', () => {
	const allowances = new Allowances<string>(once, 10);
	expect(allowances.take('ada', 0)).toBe(true);
	expect(allowances.take('ada', 0)).toBe(false);
	expect(allowances.take('grace', 0)).toBe(true);
});

test('when there are too many to remember, whoever asked for nothing the longest is forgotten', () => {
	const allowances = new Allowances<string>(once, 2);
	allowances.take('ada', 0);
	allowances.take('grace', 0);
	allowances.take('ada', 0);
	allowances.take('linus', 0);
	expect(allowances.take('ada', 0)).toBe(false);
	expect(allowances.take('linus', 0)).toBe(false);
	expect(allowances.take('grace', 0)).toBe(true);
});
