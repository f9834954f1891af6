import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../fixtures/timelines');

/** The names of all timeline files. */
export const timelineNames: readonly string[] = readdirSync(folder);

/** A timeline file's path. */
export function timelinePath(name: string): string {
	return path.join(folder, name);
}

/** A timeline file's text. */
export function timelineText(name: string): string {
	return readFileSync(timelinePath(name), 'utf8');
}

/** A timeline file as plain JSON, read by nothing of Muster's. */
export interface RawTimeline {
	readonly title: string;
	readonly milestones?: Readonly<Record<string, string>>;
	readonly entries: readonly {
		readonly at: string;
		readonly kind: string;
		readonly text: string;
		readonly actor?: string;
		readonly approximate?: boolean;
		readonly ended_at?: string;
		readonly local_time?: string;
		readonly recorded_as?: string;
	}[];
}

export function rawTimeline(name: string): RawTimeline {
	return JSON.parse(timelineText(name)) as RawTimeline;
}

/** The GitLab timeline with one piece of its text changed. */
export function brokenTimeline(from: string | RegExp, to: string): string {
	const text = timelineText('gitlab-2017-01-31.json');
	const broken = text.replace(from, to);
	if (broken === text) throw new Error(`Nothing was broken for ${to}.`);
	return broken;
}

/**
 * Ways in which a timeline file can be wrong, each with what the refusal says: its line, and why.
 * The lines are those of the GitLab file.
 */
export const brokenTimelines: readonly (readonly [string, string, string])[] = [
	['nothing at all', '', 'Line 1: The file ends where a value should be.'],
	['a list', '[]', 'Line 1: The file must be an object in braces.'],
	['half a file', timelineText('gitlab-2017-01-31.json').slice(0, 2_000), 'Line 65: The file ends'],
	['a missing comma', brokenTimeline(/"work",/, '"work"'), 'Line 26: Here should be a comma or }'],
	['a comma too many', brokenTimeline('"actor": "YP",', '"actor": "YP",,'), 'Line 27: Here should'],
	['a word that is no value', brokenTimeline('true', 'yes'), 'Line 45: Here should be a value'],
	['a name twice', brokenTimeline('"actor"', '"kind"'), 'Line 27: “kind” stands twice'],
	['no title', brokenTimeline('"title"', '"name"'), 'Line 1: “title” is missing.'],
	[
		'an empty title',
		brokenTimeline('GitLab.com database incident', '  '),
		'Line 3: “title” is empty.',
	],
	['no entries', brokenTimeline('"entries"', '"lines"'), 'Line 1: “entries” is missing.'],
	[
		'entries that are no list',
		brokenTimeline(/"entries": \[[^]*?\n \],/, '"entries": {},'),
		'Line 22: “entries” must be a list',
	],
	[
		'an entry that is none',
		brokenTimeline('"entries": [', '"entries": [ "x",'),
		'Line 22: An entry must be an object',
	],
	[
		'an entry without a time',
		brokenTimeline('"at": "2017-01-31T17:20:00Z",', ''),
		'Line 30: “at” is missing.',
	],
	[
		'an entry without a text',
		brokenTimeline('"text": "Database load', '"note": "Database load'),
		'Line 41: “text” is missing.',
	],
	[
		'a time without a zone',
		brokenTimeline('T17:20:00Z', 'T17:20:00'),
		'Line 31: “at” has no time zone',
	],
	[
		'a day that does not exist',
		brokenTimeline('2017-01-31T17:20', '2017-02-30T17:20'),
		'Line 31: “at” is not an instant',
	],
	[
		'a time as a number',
		brokenTimeline('"2017-01-31T17:20:00Z"', '1485883200'),
		'Line 31: “at” is not an instant',
	],
	[
		'an end before its beginning',
		brokenTimeline('T21:00:00Z"\n', 'T15:00:00Z"\n'),
		'Line 28: This entry ends before',
	],
	[
		'a text that is none',
		brokenTimeline('"Database load starts climbing"', '7'),
		'Line 44: “text” must be a text, not a number.',
	],
	[
		'an actor that is none',
		brokenTimeline('"YP"', '["YP"]'),
		'Line 27: “actor” must be a text, not a list.',
	],
	[
		'a doubtful doubt',
		brokenTimeline('"approximate": true', '"approximate": "true"'),
		'Line 45: “approximate” must be true or false.',
	],
	[
		'a character that cannot be stored',
		brokenTimeline('Database load', '\\u0000'),
		'Line 44: “text” holds characters',
	],
	[
		'half a character',
		brokenTimeline('Database load', '\\ud800'),
		'Line 44: “text” holds characters',
	],
	[
		'a milestone that is none',
		brokenTimeline('"2017-01-31T23:27:00Z"', 'true'),
		'Line 13: “detected_at” is not an instant',
	],
	[
		'milestones that are none',
		brokenTimeline(/"milestones": \{[^}]*\}/, '"milestones": 3'),
		'Line 11: “milestones” must be an object',
	],
	[
		'an entry of ten thousand and one characters',
		brokenTimeline('Database load', 'x'.repeat(10_001)),
		'Line 44: “text” is longer',
	],
];
