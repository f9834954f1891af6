import { describe, expect, test } from 'vitest';
import { suggestionsFor } from '../../../src/lib/room/suggestions.ts';
import { ada, known } from './known.ts';

const people = { all: known.people, me: ada, nameOf: () => '' };
const labels = (text: string, caret = text.length) =>
	suggestionsFor(text, caret, people)?.items.map(({ label }) => label);

describe('what is suggested while somebody types', () => {
	test('a slash lists every command, the first learnt at the top', () => {
		expect(labels('/')?.slice(0, 4)).toEqual(['/decide', '/theory', '/ruleout', '/task']);
		expect(labels('/')).toHaveLength(22);
	});

	test('letters keep the commands that start so, then those that hold them in order', () => {
		expect(labels('/d')).toEqual(['/decide', '/drop', '/deputy']);
		expect(labels('/dcd')).toEqual(['/decide']);
		expect(labels('/commander')).toEqual(['/ic']);
	});

	test('nothing is suggested behind a command, inside a word, or where no command begins so', () => {
		expect(labels('/sev ')).toBeUndefined();
		expect(labels('/zzz')).toBeUndefined();
		expect(labels('/sev', 2)).toBeUndefined();
		expect(labels('a/')).toBeUndefined();
	});

	test('a command that needs more is written with a blank behind it, one that does not is whole', () => {
		expect(suggestionsFor('/se', 3, people)?.items[0]).toMatchObject({
			text: '/sev ',
			isWhole: false,
		});
		expect(suggestionsFor('/res', 4, people)?.items[0]).toMatchObject({
			text: '/resolve',
			isWhole: true,
		});
	});

	test('an at sign lists people, and a name takes the place of what was typed', () => {
		expect(labels('ask @')).toHaveLength(4);
		expect(labels('ask @li')).toEqual(['Linus', 'Linda Hamilton']);
		expect(suggestionsFor('ask @gr now', 7, people)?.items[0]).toMatchObject({
			text: 'ask @Grace Hopper now',
			caret: 'ask @Grace Hopper '.length,
		});
		expect(labels('mail ops@')).toBeUndefined();
	});
});
