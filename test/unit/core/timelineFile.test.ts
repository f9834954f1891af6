import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonFault, parseJson, type JsonNode } from '#core/json.ts';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import { Refusal } from '#core/refusal.ts';
import {
	brokenTimelines,
	rawTimeline,
	timelineNames,
	timelineText,
} from '../../support/timelines.ts';

const file = (parts: object) =>
	JSON.stringify({ title: 'checkout is down', entries: [], ...parts });

describe('a timeline file', () => {
	test.each(timelineNames)('%s is read entry by entry as it stands', (name) => {
		const raw = rawTimeline(name);
		const read = readTimelineFile(timelineText(name));
		expect(read.title).toBe(raw.title);
		const expected = raw.entries.map((entry) => ({
			entry: {
				kind: entry.kind,
				text: entry.text,
				occurredAt: Date.parse(entry.at),
				...(entry.ended_at && { endedAt: Date.parse(entry.ended_at) }),
				...(entry.approximate && { approximate: true }),
				...(entry.actor && { actors: entry.actor }),
			},
			source: {
				...(entry.recorded_as && { recordedAs: entry.recorded_as }),
				...(entry.local_time && { localTime: entry.local_time }),
			},
		}));
		expect(read.entries).toEqual(expected);
	});

	test('of GitLab tells when the impact started, was detected and resolved, and nothing else', () => {
		const { milestones, links } = readTimelineFile(timelineText('gitlab-2017-01-31.json'));
		expect(milestones).toEqual({
			impactStarted: Date.parse('2017-01-31T23:00:00Z'),
			detected: Date.parse('2017-01-31T23:27:00Z'),
			resolved: Date.parse('2017-02-01T18:00:00Z'),
		});
		expect(links).toHaveLength(2);
	});

	test('says what it does not take over, with the line', () => {
		const { milestones, warnings } = readTimelineFile(timelineText('jenkins-2021-05-29-aci.json'));
		expect(milestones.impactStarted).toBe(undefined);
		expect(warnings.join()).toContain('“milestones.reported_started_at” (line 10)');
		const mood = { at: '2026-11-24T02:13:00Z', text: 'x', mood: 'calm' };
		expect(readTimelineFile(file({ entries: [mood, mood], entry_count: 3 })).warnings).toEqual([
			'Line 1: the file says that it has 3 entries, but it has 2.',
			'Not taken over: “entries.mood” (line 1, 2 times).',
		]);
	});

	test.each([
		['2026-11-24T02:13:00Z', '2026-11-24T02:13:00Z'],
		['2026-11-24t02:13:00z', '2026-11-24T02:13:00Z'],
		['2026-11-24 02:13:00+00:00', '2026-11-24T02:13:00Z'],
		['2026-11-23T19:13-07:00', '2026-11-24T02:13:00Z'],
		['2026-11-24T07:43:00+0530', '2026-11-24T02:13:00Z'],
		['2026-11-24T03:13:00.250+01', '2026-11-24T02:13:00.250Z'],
	])('may write a time as %s', (written, meant) => {
		const read = readTimelineFile(file({ entries: [{ at: written, text: 'x' }] }));
		expect(read.entries[0]?.entry.occurredAt).toBe(Date.parse(meant));
	});

	test('may leave out all that is not needed, or write null for it', () => {
		const entry = {
			at: '2026-11-24T02:13:00Z',
			text: 'x',
			kind: null,
			actor: null,
			ended_at: null,
		};
		const read = readTimelineFile(file({ milestones: null, source: null, entries: [entry] }));
		expect(read).toEqual({
			title: 'checkout is down',
			milestones: {},
			links: [],
			entries: [
				{
					entry: { kind: 'note', text: 'x', occurredAt: Date.parse(entry.at) },
					source: {},
				},
			],
			warnings: [],
		});
	});

	test('gives links only to addresses of the web', () => {
		const source = { url: 'javascript:alert(1)', also: ['https://example.org/x', 'https://a b'] };
		const { links, warnings } = readTimelineFile(file({ source }));
		expect(links).toEqual(['https://example.org/x']);
		expect(warnings).toEqual(['Not taken over: “source” (line 1, 2 times).']);
		expect(readTimelineFile(file({ source: 'https://example.org' })).links).toHaveLength(1);
	});

	test.each(brokenTimelines)('with %s is refused with its line', (_, text, sentence) => {
		expect(() => readTimelineFile(text)).toThrow(Refusal);
		expect(() => readTimelineFile(text)).toThrow(sentence);
	});
});

function plainOf(node: JsonNode): unknown {
	switch (node.kind) {
		case 'list':
			return node.items.map(plainOf);
		case 'object':
			return Object.fromEntries(
				Array.from(node.fields, ([name, field]) => [name, plainOf(field.node)] as const),
			);
		case 'null':
			return null;
		default:
			return node.value;
	}
}

describe('JSON with its lines', () => {
	const json = fc.jsonValue({ maxDepth: 5 });

	test('is read as JSON.parse reads it, however it is laid out', () => {
		fc.assert(
			fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
				const text = JSON.stringify(value, null, indent);
				expect(plainOf(parseJson(text))).toEqual(JSON.parse(text));
			}),
		);
	});

	test('is refused whenever JSON.parse refuses it, and nothing else goes wrong', () => {
		fc.assert(
			fc.property(
				json,
				fc.nat(),
				fc.constantFrom(...'{}[]",:\\0-e1tn \n\t\u0001'),
				(value, at, sign) => {
					const text = JSON.stringify(value, null, 1);
					const place = at % (text.length + 1);
					const broken = text.slice(0, place) + sign + text.slice(place + 1);
					const read = (parse: (text: string) => unknown) => {
						try {
							return { value: parse(broken) };
						} catch (error) {
							return error;
						}
					};
					const ours = read((one) => plainOf(parseJson(one)));
					const theirs = read(JSON.parse);
					if (ours instanceof JsonFault && /twice/.test(ours.message)) return;
					if (theirs instanceof SyntaxError) expect(ours).toBeInstanceOf(JsonFault);
					else expect(ours).toEqual(theirs);
				},
			),
			{ numRuns: 1_000 },
		);
	});

	test('knows the line of every value', () => {
		const root = parseJson('\ufeff\n{"a":\n\n[1,\r\n2]}');
		if (root.kind !== 'object') throw new Error('No object.');
		const list = root.fields.get('a');
		expect([root.line, list?.line, list?.node.line]).toEqual([2, 2, 4]);
		expect(list?.node).toMatchObject({ items: [{ line: 4 }, { line: 5 }] });
	});

	test('is refused when it is nested too deeply, without a stack that overflows', () => {
		expect(() => parseJson('['.repeat(1_000_000))).toThrow('nested too deeply');
	});

	test.each(['__proto__', 'constructor', 'toString'])('may hold the name %s', (name) => {
		const node = parseJson(`{"${name}": 1}`);
		expect(node.kind === 'object' && [...node.fields.keys()]).toEqual([name]);
	});
});
