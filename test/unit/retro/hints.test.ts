import { expect, test } from 'vitest';
import { hintsIn } from '#core/retro/hints.ts';

const wordsOf = (text: string, names: readonly string[] = []) =>
	hintsIn(text, names).map(({ words }) => words);

test.each([
	['We should have rolled back.', 'should have'],
	['It shouldn’t have been merged', 'shouldn’t have'],
	['The on-call could have paged earlier', 'could have'],
	['Ops failed to notice the graph', 'failed to'],
	['They did not notice it', 'did not notice'],
	['a careless deploy', 'careless'],
	['This was human error.', 'human error'],
	['Somebody forgot the flag', 'forgot'],
	['Obviously the pool was too small', 'Obviously'],
	['It was simply a typo', 'simply'],
	['They just restarted it', 'just'],
	['to blame the release', 'blame'],
	['the fault of the deploy', 'fault of'],
	['The root cause is the pool', 'root cause'],
])('“%s” is asked back about “%s”', (text, words) => {
	const [hint, ...others] = hintsIn(text);
	expect(others).toEqual([]);
	expect(hint?.words).toBe(words);
	expect(text.slice(hint?.from, hint?.to)).toBe(words);
	expect(hint?.question).toMatch(/\?/);
});

test.each([
	'The pool was a constant per pod, so twelve pods made 720 connections.',
	'Just after 02:05 the rate rose; just as planned it fell.',
	'just 3 pods, adjust the limit, unjust, page fault, default of the pool',
	'The alert was on rate, not on saturation.',
])('nothing is asked back about “%s”', (text) => {
	expect(hintsIn(text, ['Ada Lovelace'])).toEqual([]);
});

test('people are asked about only where names are given', () => {
	const text = 'Ada Lovelace and grace paged @linus; ada@example.com is an address of Al';
	expect(wordsOf(text)).toEqual([]);
	expect(wordsOf(text, ['Ada Lovelace', 'grace', 'Al'])).toEqual([
		'Ada Lovelace',
		'grace',
		'@linus',
		'ada',
	]);
});

test('a name with signs that mean something to a pattern is a name', () => {
	expect(wordsOf('by R. (Bob) O’Neil+', ['R. (Bob) O’Neil+'])).toEqual(['R. (Bob) O’Neil+']);
});

test('hints come in the order of the text and never overlap', () => {
	const hints = hintsIn('They failed to see what should have been obvious.');
	expect(hints.map(({ words }) => words)).toEqual(['failed to', 'should have', 'obvious']);
	for (const [i, hint] of hints.entries()) {
		expect(hint.from).toBeGreaterThanOrEqual(hints[i - 1]?.to ?? 0);
	}
});

test('a long text is looked through at once', () => {
	const text = 'ada should have seen it. '.repeat(4_000);
	expect(hintsIn(text, ['ada'])).toHaveLength(8_000);
});
