import { expect, test } from 'vitest';
import { currentTab, readTab } from '../../../src/lib/room/tabs.ts';

test('an address names the part; a linked entry is in the timeline', () => {
	expect(readTab('#tasks')).toBe('tasks');
	expect(readTab('#e-01JDD0000000000000000000AA')).toBe('timeline');
	expect(readTab('')).toBe('timeline');
});

test('a narrow room shows one part, a medium one the situation at the side, a wide one the tasks', () => {
	expect(currentTab('timeline', 390)).toBe('timeline');
	expect(currentTab('timeline', 1000)).toBe('situation');
	expect(currentTab('situation', 1400)).toBe('tasks');
	expect(currentTab('notes', 1400)).toBe('notes');
});
