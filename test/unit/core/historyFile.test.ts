import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import type { HistoryFile, Reading } from '#core/incident/historyFile/historic.ts';
import { plantHistoric } from '#core/incident/historyFile/plantHistoric.ts';
import { historySteps, readHistoryFile } from '#core/incident/historyFile/readHistoryFile.ts';
import { summaryOf } from '#core/incident/historyFile/summary.ts';
import { readIncident, type Incident } from '#core/incident/reading.ts';
import { ada, nameOf, TestRecord } from '../../support/record.ts';

const fixture = path.resolve(
	import.meta.dirname,
	'../../fixtures/incidents/github-status-2022-2024.jsonl',
);
const now = Date.parse('2026-11-29T12:00:00Z');

function read(text: string, given: Partial<Reading> = {}): HistoryFile {
	const most = { rows: 1_000, rowLength: 100_000, columns: 1_000 };
	return readHistoryFile(text, { now, most, source: 'status.example.com', ...given });
}

const row = {
	id: '1',
	title: 'checkout is down',
	started_at: '2024-03-01T10:00:00Z',
	resolved_at: '2024-03-01T11:00:00Z',
	impact: 'major',
};

function lines(...rows: readonly object[]): string {
	return rows.map((one) => JSON.stringify({ ...row, ...one })).join('\n');
}

/** The one fault of a file. */
function faultOf(text: string, given: Partial<Reading> = {}) {
	const { incidents, faults } = read(text, given);
	expect([incidents.length, faults.length]).toEqual([0, 1]);
	return faults[0];
}

function planted({ incidents }: HistoryFile): Incident {
	const [historic] = incidents;
	if (!historic) return expect.fail('There is no incident.');
	const { facts, entries } = plantHistoric(historic, 42, new TestRecord().contextOf(ada));
	const doc = createDocument('follower');
	recordOf(doc).push([...facts]);
	for (const { id, entry } of entries) writeEntry(doc, id, entry);
	return readIncident(doc, nameOf);
}

function milestonesOf({ milestones }: Incident): object {
	return Object.fromEntries(
		Object.entries(milestones).map(([name, { at }]) => [name, new Date(at).toISOString()]),
	);
}

describe('JSON lines', () => {
	test('of 399 real incidents are read whole, with the numbers that the file has', () => {
		const file = read(readFileSync(fixture, 'utf8'), { source: undefined });
		expect([file.format, file.faults, file.warnings]).toEqual(['jsonl', [], []]);
		expect(file.incidents).toHaveLength(399);
		expect(new Set(file.incidents.map(({ source }) => source))).toEqual(
			new Set(['www.githubstatus.com']),
		);
		expect(summaryOf(file.incidents)).toMatchObject({
			kinds: { incident: 389, maintenance: 10, drill: 0 },
			severities: { SEV1: 1, SEV2: 65, SEV3: 310, SEV4: 0, SEV5: 13, notSet: 10 },
			updates: 2165,
			services: 11,
		});
		expect(file.incidents.filter(({ impactStartedAt }) => impactStartedAt !== null)).toHaveLength(
			26,
		);
	});

	test('say when it was declared, resolved and closed; nothing else is guessed', () => {
		const updates = [
			{ at: '2024-03-01T10:05:00Z', status: 'Update', message: 'We look into it.' },
			{ at: '2024-03-01T10:00:00Z', status: 'Investigating', message: 'It is slow.' },
		];
		const components = ['Checkout', 'checkout', { name: 'Search' }];
		const url = 'https://status.example.com/1';
		const incident = planted(read(lines({ updates, components, url })));
		expect(incident).toMatchObject({
			title: 'checkout is down',
			kind: 'incident',
			origin: 'imported',
			severity: 'SEV2',
			status: 'closed',
			services: ['Checkout', 'Search'],
			links: [{ url }],
		});
		expect(milestonesOf(incident)).toEqual({
			declared: '2024-03-01T10:00:00.000Z',
			resolved: '2024-03-01T11:00:00.000Z',
			closed: '2024-03-01T11:00:00.000Z',
		});
		expect(incident.roles.commander).toBe(null);
		const entries = incident.timeline.filter(({ source }) => source === 'entry');
		expect(entries.map(({ kind, text }) => [kind, text])).toEqual([
			['comms', 'Investigating: It is slow.'],
			['comms', 'We look into it.'],
		]);
	});

	test('have an impact only where they state its window', () => {
		const impact_window = { start_at: '2024-03-01T09:50:00Z', end_at: '2024-03-01T10:50:00Z' };
		expect(milestonesOf(planted(read(lines({ impact_window }))))).toMatchObject({
			impactStarted: '2024-03-01T09:50:00.000Z',
			impactEnded: '2024-03-01T10:50:00.000Z',
		});
	});

	test.each([
		['critical', 'incident', 'SEV1'],
		['major', 'incident', 'SEV2'],
		['minor', 'incident', 'SEV3'],
		['none', 'incident', 'SEV5'],
		['maintenance', 'maintenance', null],
		['SEV-4', 'incident', 'SEV4'],
		['p2', 'incident', 'SEV2'],
		[null, 'incident', null],
		['', 'incident', null],
	])('with the impact %s are of kind %s, %s', (impact, kind, severity) => {
		expect(planted(read(lines({ impact })))).toMatchObject({ kind, severity });
	});

	test('may be resolved before they began: whoever counts sees that', () => {
		const { incidents } = read(lines({ resolved_at: '2024-03-01T09:00:00Z' }));
		expect(incidents[0]).toMatchObject({ resolvedAt: Date.parse('2024-03-01T09:00:00Z') });
	});

	test('without an end are open; with an end that is only told, closed without a time', () => {
		expect(planted(read(lines({ resolved_at: null })))).toMatchObject({
			status: 'investigating',
			milestones: { declared: expect.anything() as object },
		});
		const updates = [{ at: '2024-03-01T10:05:00Z', status: 'Resolved', message: 'Done.' }];
		const told = planted(read(lines({ resolved_at: null, updates })));
		expect([told.status, Object.keys(told.milestones)]).toEqual(['closed', ['declared']]);
	});

	test('without a beginning have none', () => {
		const incident = planted(read(lines({ started_at: null })));
		expect(Object.keys(incident.milestones)).toEqual(['resolved', 'closed']);
	});

	test.each<[string, object, [field: string | null, message: string]]>([
		['no id', { id: null }, ['id', '“id” is missing.']],
		['no title', { title: ' ' }, ['title', '“title” is empty.']],
		['an unknown impact', { impact: 'awful' }, ['impact', '“impact” must be critical']],
		[
			'a day that is none',
			{ started_at: '2024-02-30T00:00:00Z' },
			['started_at', 'is not an instant'],
		],
		['no zone', { resolved_at: '2024-02-03 10:00' }, ['resolved_at', 'has no time zone']],
		['a number as time', { started_at: 7 }, ['started_at', 'is not an instant']],
		['no time at all', { started_at: null, resolved_at: null }, [null, 'says no time at all']],
		['the future', { started_at: '2027-01-01T00:00:00Z' }, [null, 'in the future']],
		['components that are none', { components: [7] }, ['components', 'a list of names']],
		['an update without a time', { updates: [{ message: 'x' }] }, ['at', '“at” is missing.']],
		['a title with NUL', { title: 'a\0b' }, ['title', 'cannot be stored']],
	])('with %s are wrong, and the line and field are told', (_what, odd, [field, message]) => {
		const fault = faultOf(`\n${lines(odd)}`);
		expect(fault).toMatchObject({ line: 2, field });
		expect(fault?.message).toContain(message);
	});

	test('that are no JSON are told, and the others read', () => {
		const file = read(`\ufeff${lines({})}\r\n{"id": 2,\r\n[]\r\n\r\n${lines({ id: 5 })}\r\n`);
		expect(file.incidents.map(({ line, sourceId }) => [line, sourceId])).toEqual([
			[1, '1'],
			[5, '5'],
		]);
		expect(file.faults.map(({ line }) => line)).toEqual([2, 3]);
	});

	test('that repeat an id are told where it stands first', () => {
		const { incidents, faults } = read(lines({}, { title: 'again' }));
		expect(incidents).toHaveLength(1);
		expect(faults).toEqual([
			{ line: 2, field: 'id', message: 'The id 1 stands on line 1 already.' },
		]);
	});

	test('are bounded: rows, their length, how deeply they are nested', () => {
		const most = { rows: 2, rowLength: 500, columns: 1_000 };
		const three = lines({}, { id: '2' }, { id: '3' });
		expect(() => read(three, { most })).toThrow('more than 2 incidents');
		expect(faultOf(lines({ title: 'x'.repeat(600) }), { most })?.message).toContain('too long');
		expect(faultOf(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`)?.message).toContain('nested');
	});

	test('name what is not taken over, and services that are too many', () => {
		const components = Array.from({ length: 22 }, (_, i) => `service ${i}`);
		const { incidents, warnings } = read(lines({ components, mood: 'bad' }));
		expect(incidents[0]?.services).toHaveLength(20);
		expect(warnings).toEqual([
			'Not taken over: “mood” (line 1).',
			expect.stringContaining('Line 1: 2 of 22 services are not taken over'),
		]);
	});

	test('without a source or an address to tell it are wrong', () => {
		expect(faultOf(lines({}), { source: undefined })?.message).toContain('the source is called');
	});
});

describe('CSV', () => {
	const header = 'Incident ID;Title;Started at;Resolved at;Severity;Services';

	test('of more columns than anybody reads is refused at its first line', () => {
		const wide = ['id', 'title', ...Array.from({ length: 1_000 }, (_, i) => `c${i}`)];
		expect(() => read(`${wide.join(',')}\n1,a`)).toThrow(
			'Line 1: A table has at most 1000 columns.',
		);
	});

	test('is read by the usual names, with quotes, semicolons and CR LF', () => {
		const file = read(
			`\ufeff${header}\r\n7;"checkout ""really""\r\nis; down";2024-03-01T10:00Z;2024-03-01 11:00+01:00;P1;"Checkout, Search"\r\n\r\n`,
		);
		expect(file.columns).toEqual({
			...{ id: 'Incident ID', title: 'Title', declared: 'Started at', resolved: 'Resolved at' },
			...{ severity: 'Severity', services: 'Services' },
		});
		expect([file.format, file.faults]).toEqual(['csv', []]);
		expect(file.incidents).toMatchObject([
			{
				line: 2,
				sourceId: '7',
				title: 'checkout "really" is; down',
				severity: 'SEV1',
				declaredAt: Date.parse('2024-03-01T10:00:00Z'),
				resolvedAt: Date.parse('2024-03-01T10:00:00Z'),
				services: ['Checkout', 'Search'],
			},
		]);
	});

	test('is read by columns that are given', () => {
		const { incidents } = read('a,b,c\n1,x,2024-03-01T10:00:00Z', {
			columns: { id: 'a', title: 'b', declared: 'c' },
		});
		expect(incidents).toMatchObject([{ sourceId: '1', title: 'x' }]);
		expect(() => read('a,b\n1,x', { columns: { id: 'z', title: 'b' } })).toThrow('no column “z”');
		expect(() => read('title\nx')).toThrow('which column is the id');
		expect(() => read('id,id,title\n1,2,x')).toThrow('two columns “id”');
	});

	test('says which columns are not read, and reads none for what is given as none', () => {
		const text = 'id,title,started,priority,owner\n1,x,2024-03-01T10:00Z,High,Jo';
		expect(read(text).faults).toMatchObject([{ line: 2, field: 'priority' }]);
		const file = read(text, { columns: { severity: '' } });
		expect(file.incidents).toMatchObject([{ sourceId: '1', severity: null }]);
		expect(file.columns).toEqual({ id: 'id', title: 'title', declared: 'started' });
		expect(file.warnings).toEqual(['Not taken over: “priority” (line 1), “owner” (line 1).']);
		expect(() => read(text, { columns: { id: '' } })).toThrow('which column is the id');
	});

	test('takes times without a zone only if one is given', () => {
		const text = 'id,title,started\n1,x,2024-03-01 10:00\n2,y,2024-03-02';
		expect(read(text).faults.map(({ line, field }) => [line, field])).toEqual([
			[2, 'started'],
			[3, 'started'],
		]);
		expect(read(text, { zone: '+02:00' }).incidents.map(({ declaredAt }) => declaredAt)).toEqual([
			Date.parse('2024-03-01T08:00:00Z'),
			Date.parse('2024-03-01T22:00:00Z'),
		]);
	});

	test('with a wrong row loses that row alone', () => {
		const file = read(
			'id,title,start\n1,"a"b,2024-03-01T10:00:00Z\n2,x,2024-03-01T10:00:00Z,more\n3,"y,2024-03-01T10:00:00Z\n4,z,2024-03-01T10:00:00Z',
		);
		expect(file.incidents.map(({ sourceId }) => sourceId)).toEqual(['4']);
		expect(file.faults.map(({ line, message }) => [line, message])).toEqual([
			[2, 'After a cell in quotation marks comes the next one, or the end of the line.'],
			[3, 'This has 4 cells, but there are 3 columns.'],
			[4, 'A quotation mark is not closed.'],
		]);
	});

	test('that holds formulas or HTML is text like any other', () => {
		const title = '=HYPERLINK("https://evil.example")<script>alert(1)</script>';
		const cell = `"${title.replaceAll('"', '""')}"`;
		const { incidents } = read(`id,title,start\n1,${cell},2024-03-01T10:00:00Z`);
		expect(incidents[0]?.title).toBe(title);
	});
});

describe('Statuspage’s incidents.json', () => {
	test.each([undefined, 1])(
		'[S44] is read in steps, however long it is and however it is laid out (%s)',
		(indent) => {
			const body = 'We are looking into it. '.repeat(20);
			const updates = Array.from({ length: 40 }, () => ({ body, created_at: row.started_at }));
			const one = { name: row.title, started_at: row.started_at, incident_updates: updates };
			const incidents = Array.from({ length: 100 }, (_, id) => ({ id, ...one }));
			const text = JSON.stringify({ page: { name: 'x' }, incidents }, null, indent);
			const most = { rows: 1_000, rowLength: 100_000, columns: 1_000 };
			const steps = historySteps(text, { now, most, source: 'status.example.com' });
			let count = 0;
			while (!steps.next().done) count += 1;
			// A step for each incident, and one for some thousand characters before.
			expect(count).toBeGreaterThan(incidents.length + text.length / 32_768);
		},
	);

	test('has no incident that is longer than a line may be', () => {
		const incident_updates = [{ body: 'x'.repeat(2_000), created_at: row.started_at }];
		const long = { id: '1', name: row.title, started_at: row.started_at, incident_updates };
		const most = { rows: 10, rowLength: 1_000, columns: 10 };
		const fault = faultOf(JSON.stringify([long]), { most });
		expect(fault).toMatchObject({ line: 1, message: 'This incident is too long.' });
	});

	const incident = {
		id: 'p31zjtct2jer',
		name: 'checkout is down',
		status: 'postmortem',
		impact: 'critical',
		shortlink: 'https://stspg.io/abc',
		created_at: '2024-03-01T10:00:00.123Z',
		started_at: '2024-03-01T09:59:00Z',
		resolved_at: '2024-03-01T03:00:00-08:00',
		components: [{ id: 'x', name: 'Checkout', status: 'operational' }],
		incident_updates: [
			{ id: 'b', status: 'resolved', body: 'Done.', created_at: '2024-03-01T11:00:00Z' },
			{
				...{ id: 'a', status: 'in_progress', body: '', created_at: '2024-03-01T10:30:00Z' },
				display_at: '2024-03-01T10:00:00Z',
			},
		],
	};
	const page = { id: 'k', name: 'Shop', url: 'https://status.shop.example' };

	test('is known by its page, over many lines, and read as its vendor means it', () => {
		const file = read(JSON.stringify({ page, incidents: [incident] }, null, 2), {
			source: undefined,
		});
		expect([file.format, file.faults, file.warnings]).toEqual(['statuspage', [], []]);
		expect(file.incidents).toMatchObject([
			{
				...{ line: 8, source: 'status.shop.example', sourceId: 'p31zjtct2jer', severity: 'SEV1' },
				declaredAt: Date.parse('2024-03-01T09:59:00Z'),
				resolvedAt: Date.parse('2024-03-01T11:00:00Z'),
				services: ['Checkout'],
				updates: [
					{ at: Date.parse('2024-03-01T10:00:00Z'), text: 'In progress' },
					{ at: Date.parse('2024-03-01T11:00:00Z'), text: 'Resolved: Done.' },
				],
			},
		]);
	});

	test('that is under way keeps its phase', () => {
		const open = { ...incident, status: 'monitoring', resolved_at: null, incident_updates: [] };
		expect(planted(read(JSON.stringify({ incidents: [open] })))).toMatchObject({
			status: 'monitoring',
		});
	});
});

test('a file without incidents is refused', () => {
	for (const text of ['', '\n\n', '[]', '{"incidents":[]}', 'id,title\n']) {
		expect(() => read(text)).toThrow();
	}
});
