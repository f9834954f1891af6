import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { incidentMarkdown } from '#core/review/export/markdown.ts';
import { exportedEntry, exportedReading, exportedTimeline } from '../../support/exported.ts';
import { rawTimeline, timelineNames } from '../../support/timelines.ts';

const reader = new MarkdownIt({ html: true });

/** The structure that a reader of Markdown sees: everything but words. */
function structureOf(markdown: string): string[] {
	return reader.parse(markdown, {}).flatMap(({ type, tag, level, children }) => {
		const inside = (children ?? []).map((child) => child.type).filter((one) => !isWords(one));
		return type === 'inline' ? inside : [`${level} ${type} ${tag}`];
	});
}

function isWords(type: string): boolean {
	return type === 'text' || type === 'text_special' || type === 'hardbreak';
}

/** What stands in the table's cells, as text. */
function cellsOf(markdown: string): string[][] {
	const rows: string[][] = [];
	for (const { type, children } of reader.parse(markdown, {})) {
		if (type === 'tr_open') rows.push([]);
		if (type !== 'inline' || rows.length === 0) continue;
		rows.at(-1)?.push((children ?? []).map(wordsOf).join(''));
	}
	return rows;
}

function wordsOf({ type, content }: { type: string; content: string }): string {
	return type === 'html_inline' && content === '<br>' ? '\n' : content;
}

const hostile = [
	'| a | b |',
	'x | y \\| z \\',
	'`code` ``more | code``',
	'<script>alert(1)</script> <img src=x onerror=alert(1)>',
	'[link](javascript:alert(1)) ![image](https://evil.example/x.png)',
	'*bold* _it_ ~~gone~~ **x** __y__',
	'&lt;b&gt; &#60; &amp;',
	'two\nlines\n\n# and a heading\n\n| x | y |\n| - | - |',
	'```\nopen fence',
	'<!-- open comment',
	'> quote\n- list\n1. list\n---\n===',
	'<https://evil.example> [x]: https://evil.example',
	'\\',
];

describe('an incident as Markdown', () => {
	test.each(timelineNames)('tells every entry of %s with its time', (name) => {
		const rows = cellsOf(incidentMarkdown(exportedTimeline(name)));
		for (const { at, text } of rawTimeline(name).entries) {
			const time = `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
			const isTold = rows.some(
				(row) => row[0]?.includes(time) && row.some((words) => words.startsWith(text.trim())),
			);
			expect({ text, isTold }).toEqual({ text, isTold: true });
		}
	});

	test.each(hostile)('[E1] an entry’s text does not leave its cell: %j', (text) => {
		const written = incidentMarkdown(exportedEntry({ text, actors: text }));
		const [, ...rows] = cellsOf(written);
		expect(rows.every((row) => row.length <= 5)).toBe(true);
		expect(rows.flat().map((words) => words.trim())).toContain(text.trim());
		const harmless = incidentMarkdown(exportedEntry({ text: 'words', actors: 'words' }));
		const isBreak = (one: string) => one !== 'html_inline';
		expect(structureOf(written).filter(isBreak)).toEqual(structureOf(harmless));
	});

	test.each(hostile)(
		'[E1] nor does anything else that people wrote leave its place: %j',
		(text) => {
			const { reading } = exportedEntry({});
			const exportOf = (words: string) =>
				incidentMarkdown(
					exportedReading({
						...reading,
						title: words.replaceAll('\n', ' '),
						impact: words,
						theory: words,
						tasks: [{ id: 't', title: words, assignee: null, done: false, due: null, order: 'a' }],
						links: [{ url: words, title: words, by: reading.declaredBy }],
					} as never),
				);
			const outside = (markdown: string) =>
				structureOf(markdown.replace(/^>.*\n/gm, '')).filter((one) => one !== 'html_inline');
			expect(outside(exportOf(text))).toEqual(outside(exportOf('words')));
			const inQuotes = structureOf(exportOf(text)).filter((one) =>
				/heading|fence|list|html/.test(one),
			);
			expect(inQuotes.filter((one) => !one.startsWith('0 ') && one !== 'html_inline')).toEqual(
				structureOf(exportOf('words')).filter((one) => /list/.test(one) && !one.startsWith('0 ')),
			);
		},
	);

	test('a link is followed only where that is safe', () => {
		const { reading } = exportedEntry({});
		const links = ['javascript:alert(1)', 'https://grafana.example/d/1'].map((url) => ({
			url,
			title: 'dashboard',
			by: reading.declaredBy,
		}));
		const html = reader.render(incidentMarkdown(exportedReading({ ...reading, links } as never)));
		expect(html).not.toContain('href="javascript');
		expect(html).toContain('<a href="https://grafana.example/d/1">dashboard</a>');
	});

	test('is the same as ever for the GitLab incident', async () => {
		const markdown = incidentMarkdown(exportedTimeline('gitlab-2017-01-31.json'));
		await expect(markdown).toMatchFileSnapshot('../../fixtures/exports/gitlab-2017-01-31.md');
	});
});
