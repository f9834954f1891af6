import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeBetween, movedBy } from '../../../src/lib/live/textChange.ts';

test('a change between two texts makes the one of the other', () => {
	fc.assert(
		fc.property(
			fc.string({ unit: 'grapheme' }),
			fc.string({ unit: 'grapheme' }),
			fc.nat(),
			(a, b, c) => {
				const change = changeBetween(a, b, c % (b.length + 1));
				if (change === null) return a === b;
				const { at, remove, insert } = change;
				return a.slice(0, at) + insert + a.slice(at + remove) === b;
			},
		),
	);
});

test('among equal letters the caret tells which one was typed', () => {
	expect(changeBetween('aa', 'aaa', 1)).toEqual({ at: 0, remove: 0, insert: 'a' });
	expect(changeBetween('aa', 'aaa', 3)).toEqual({ at: 2, remove: 0, insert: 'a' });
});

test('half of a character is never replaced', () => {
	const change = changeBetween('a😀', 'a😁', 3);
	expect(change).toEqual({ at: 1, remove: 2, insert: '😁' });
});

test('my caret keeps its place when somebody types before or after it', () => {
	expect(movedBy([{ at: 0, remove: 0, insert: 'xx' }], 3)).toBe(5);
	expect(movedBy([{ at: 3, remove: 0, insert: 'xx' }], 3)).toBe(3);
	expect(movedBy([{ at: 1, remove: 5, insert: '' }], 3)).toBe(1);
});
