import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import type { EntryId, FactId, FindingId, PersonId } from '#core/ids.ts';
import { emptyState } from '#core/incident/fold.ts';
import { incidentOf, type Incident } from '#core/incident/reading.ts';
import type { ExportedRetro } from '#core/retro/export/exported.ts';
import { retroHtml } from '#core/retro/export/html.ts';
import { retroData } from '#core/retro/export/json.ts';
import { retroMarkdown } from '#core/retro/export/markdown.ts';
import { withRoles } from '#core/retro/export/roles.ts';

const ada = '00000000-0000-4000-8000-0000000000ad' as PersonId;
const grace = '00000000-0000-4000-8000-000000000ace' as PersonId;
const names = new Map([
	[ada, 'Ada Lovelace'],
	[grace, 'grace'],
]);
const entry = '01JDD0000000000000000000AA' as EntryId;
const at = Date.parse('2026-11-24T02:19:00Z');
const hostile = '<img src=x onerror=alert(1)> | # *not* a heading\n> nor a quote';

function incident(): Incident {
	return {
		...incidentOf(emptyState),
		number: 42,
		title: 'checkout is down',
		roles: {
			...incidentOf(emptyState).roles,
			commander: { person: ada, since: at, acting: false },
		},
		timeline: [
			{
				...{ id: entry, kind: 'finding', source: 'entry', text: `grace saw ${hostile}` },
				...{ by: grace, occurredAt: at, recordedAt: at, starred: true, struck: false },
			},
			{
				...{ id: '01JDD0000000000000000000AB' as EntryId, kind: 'note', source: 'entry' },
				...{ text: 'not a key entry', by: ada, occurredAt: at, recordedAt: at },
				...{ starred: false, struck: false },
			},
		],
		...{ tasks: [], impact: '', theory: '', notes: '' },
	};
}

function exported(): ExportedRetro {
	return {
		number: 42,
		url: 'https://muster.example/i/42/retro',
		version: { version: 2, by: ada, at, incidentTurn: 7 },
		retro: {
			...{ stage: 'published', owner: ada, reviewers: [grace] },
			report: [
				{ kind: 'heading', level: 2, spans: [{ text: 'Summary' }] },
				{
					kind: 'paragraph',
					spans: [
						{ text: 'Ada Lovelace rolled back, ' },
						{ text: 'see', bold: true, href: 'https://example.com/"><script>' },
					],
				},
				{ kind: 'reference', of: 'timeline' },
				{ kind: 'reference', of: 'factors' },
				{ kind: 'reference', of: 'lessons' },
				{ kind: 'reference', of: 'actions' },
			],
			findings: [
				{
					...{ id: entry as string as FindingId, kind: 'factor', text: hostile, order: 'a' },
					...{ causes: ['capacity'], entries: [entry], moments: [at] },
				},
			],
		},
		incident: incident(),
		actions: [
			{
				...{ title: 'Alert on saturation', kind: 'Detect', owner: grace, dueOn: '2026-12-05' },
				...{ state: 'done', link: 'https://tracker.example/812' },
			},
		],
		nameOf: (person) => names.get(person) ?? 'Somebody',
		at,
	};
}

test('the Markdown of a retrospective has its text, and what its references stand for', () => {
	const text = retroMarkdown(exported());
	expect(text).toContain('# INC-42 checkout is down: retrospective');
	expect(text).toContain('Version 2, published 2026-11-24 02:19:00 UTC');
	expect(text).toContain('## Summary');
	expect(text).toContain('| 2026-11-24 02:19:00 UTC |');
	expect(text).not.toContain('not a key entry');
	expect(text).toContain('Causes: capacity');
	expect(text).toContain(
		'- [x] Alert on saturation (Detect, grace, due 2026-12-05) <https://tracker.example/812>',
	);
});

test('what people wrote leaves neither its cell nor its list in Markdown', () => {
	const html = new MarkdownIt({ html: true }).render(retroMarkdown(exported()));
	expect(html).not.toMatch(/<(img|script)/);
	expect(html.match(/<h[1-6]>/g)).toHaveLength(2);
	expect(html.match(/<td>/g)).toHaveLength(3);
	expect(html.match(/<ol>/g)).toHaveLength(1);
});

test('every form says in which part of the response a line falls', () => {
	const reached = { at: at - 1, by: ada, recordedAt: at, fact: entry as string as FactId };
	const timed = { ...exported(), incident: { ...incident(), milestones: { detected: reached } } };
	expect(retroMarkdown(timed)).toContain('| 2026-11-24 02:19:00 UTC | Diagnosis and repair |');
	expect(retroHtml(timed)).toContain('<th scope="rowgroup" colspan="3">Diagnosis and repair</th>');
	expect(retroData(timed)).toMatchObject({ timeline: [{ part: 'Diagnosis and repair' }] });
});

test('the HTML runs nothing, whatever people wrote', () => {
	const html = retroHtml(exported());
	expect(html).not.toMatch(/<(img|script)/);
	expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
	expect(html).toContain('<strong>see</strong>');
	expect(html.match(/<td>/g)).toHaveLength(3);
});

test('the JSON holds all of it with names and instants', () => {
	expect(JSON.parse(JSON.stringify(retroData(exported())))).toMatchObject({
		incident: { number: 42 },
		version: { number: 2, publishedAt: '2026-11-24T02:19:00.000Z' },
		owner: 'Ada Lovelace',
		findings: [{ kind: 'factor', causes: ['capacity'], moments: ['2026-11-24T02:19:00.000Z'] }],
		timeline: [{ id: entry, by: 'grace' }],
		actions: [{ owner: 'grace', state: 'done' }],
	});
});

test('with roles instead of names no form tells a name, in text neither', () => {
	const people = [...names].map(([id, name]) => ({ id, name }));
	const nameless = withRoles(exported(), people);
	for (const form of [
		retroMarkdown,
		retroHtml,
		(one: ExportedRetro) => JSON.stringify(retroData(one)),
	]) {
		const text = form(nameless);
		expect(text).not.toMatch(/ada|grace/i);
		expect(text).toContain('Commander');
		expect(text).toContain('Responder 1');
	}
});
