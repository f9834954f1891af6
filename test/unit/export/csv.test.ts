import { describe, expect, test } from 'vitest';
import { timelineCsv } from '#core/review/export/csv.ts';
import { exportedEntry, exportedTimeline } from '../../support/exported.ts';
import { rawTimeline, timelineNames } from '../../support/timelines.ts';

/** As RFC 4180 has it, read by nothing of Muster's. */
function parse(csv: string): string[][] {
	const rows: string[][] = [];
	const cells = csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g);
	let row: string[] = [];
	let length = 0;
	for (const [whole, quoted, bare = '', end] of cells) {
		length += whole.length;
		row.push(quoted?.replaceAll('""', '"') ?? bare);
		if (end === '\r\n') rows.push(row.splice(0));
	}
	row = [];
	if (length !== csv.length) throw new Error('This is no CSV.');
	return rows;
}

function textCell(text: string): string | undefined {
	const [head = [], ...rows] = parse(timelineCsv(exportedEntry({ text })));
	const entry = rows.find((row) => row[head.indexOf('source')] === 'entry');
	return entry?.[head.indexOf('text')];
}

describe('the timeline as CSV', () => {
	test.each(timelineNames)('has every entry of %s with its time, kind, text and actor', (name) => {
		const [head = [], ...rows] = parse(timelineCsv(exportedTimeline(name)));
		const read = rows
			.map((row) => Object.fromEntries(head.map((column, i) => [column, row[i]])))
			.filter(({ source }) => source === 'entry')
			.map(({ occurred_at, kind, text, actors }) => [occurred_at, kind, text, actors]);
		const expected = rawTimeline(name).entries.map(({ at, kind, text, actor = '' }) => [
			new Date(at).toISOString(),
			kind,
			...[text, actor].map((words) => words.replace(/^(?=[=+\-@])/, "'")),
		]);
		expect(read.sort()).toEqual(expected.sort());
	});

	test.each(['=1+1', '+1', '-2+3', '@SUM(A1)', '\tx', '\r=1', '＝1+1'])(
		'[E1] a cell that begins like the formula %j is not one',
		(text) => expect(textCell(text)).toBe(`'${text}`),
	);

	test.each(['a,b', 'say "no"', 'two\nlines', 'two\r\nlines', ' blanks ', 'Größe → 日本'])(
		'keeps %j to the letter',
		(text) => expect(textCell(text)).toBe(text),
	);

	test('is the same as ever for the GitLab incident', async () => {
		const csv = timelineCsv(exportedTimeline('gitlab-2017-01-31.json'));
		await expect(csv).toMatchFileSnapshot('../../fixtures/exports/gitlab-2017-01-31.csv');
	});
});
