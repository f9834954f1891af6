import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Paths of this repository that a page names: link targets, and words in backquotes that look like one. */
function pathsIn(file: string): string[] {
	const text = textOf(file);
	const links = Array.from(
		text.matchAll(/\]\((?!https?:|#)([^)]+)\)/g),
		([, target = '']) => target,
	);
	const quoted = Array.from(
		text.matchAll(/`((?:core|server|src|test|docs|scripts)\/[^`\s*]*)`/g),
		([, target = '']) => target,
	);
	return [...links, ...quoted];
}

describe('the pages of the repository', () => {
	test.each(['README.md', 'ARCHITECTURE.md'])('%s names only paths that exist', (file) => {
		const paths = pathsIn(file);
		expect(paths.length).toBeGreaterThan(5);
		expect(paths.filter((target) => !existsSync(path.join(root, target)))).toEqual([]);
	});

	test('every rule names a test that is there', () => {
		const rules = textOf('docs/RULES.md')
			.split('\n')
			.filter((line) => /^\| [A-Z]\d/.test(line))
			.map((line) => line.split('|').map((cell) => cell.trim()));
		expect(rules.length).toBeGreaterThan(20);
		const missing = rules.filter(([, , , proof = '']) => {
			const [file = '', name = ''] = proof.split(/: (.*)/);
			return !existsSync(path.join(root, file)) || !textOf(file).includes(name);
		});
		expect(missing.map(([, rule]) => rule)).toEqual([]);
	});

	test('no rule has the number of another', () => {
		const numbers = Array.from(
			textOf('docs/RULES.md').matchAll(/^\| ([A-Z]\d+) \|/gm),
			([, n]) => n,
		);
		expect(new Set(numbers).size).toBe(numbers.length);
	});
});
