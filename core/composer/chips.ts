import { entryKinds } from '../incident/entries.ts';
import { clockTime, dayOf, roundedDuration } from '../time.ts';
import type { Parsed, PlannedEntry } from './grammar.ts';
import type { When } from './when.ts';

/** A word or two that say how a part of the line was understood. */
export interface Chip {
	readonly kind: 'kind' | 'time' | 'star' | 'person' | 'change';
	readonly text: string;
	/** It may not be what was meant. */
	readonly isDoubtful: boolean;
}

/** How a line was understood, part by part. Nothing to say about a plain note. */
export function chipsOf(parsed: Parsed, now: number): readonly Chip[] {
	switch (parsed.kind) {
		case 'entry':
		case 'unknownCommand':
			return entryChips(parsed, now);
		case 'task':
			return [
				chip('kind', 'Task'),
				chip('person', parsed.assignee?.name ?? 'nobody yet'),
				...(parsed.due === null ? [] : [chip('time', `due ${instantWords(parsed.due, now)} UTC`)]),
			];
		case 'command': {
			const { thing, from, to } = parsed.change;
			return [chip('change', from === null ? `${thing}: ${to}` : `${thing}: ${from} → ${to}`)];
		}
		default:
			return [];
	}
}

function entryChips(
	{ entryKind, when, starred, mentions, doubt }: PlannedEntry,
	now: number,
): Chip[] {
	const kinds: Readonly<Record<string, string>> = entryKinds;
	return [
		...(entryKind === 'note' ? [] : [chip('kind', kinds[entryKind] ?? entryKind)]),
		...(when ? [chip('time', whenWords(when, now), doubt !== null)] : []),
		...(starred ? [chip('star', '★ key')] : []),
		...mentions.map(({ typed, who }) =>
			who.found
				? chip('person', `@${typed}: ${who.name}`)
				: chip('person', `@${typed}: ${who.why}`, true),
		),
	];
}

function chip(kind: Chip['kind'], text: string, isDoubtful = false): Chip {
	return { kind, text, isDoubtful };
}

/** What has to be asked before the line is taken, or null. */
export function questionOf(parsed: Parsed, now: number): string | null {
	switch (parsed.kind) {
		case 'entry':
		case 'unknownCommand':
			if (parsed.when === null || parsed.doubt === null) return null;
			return parsed.doubt === 'future'
				? `${whenWords(parsed.when, now)} has not come yet. Log it anyway?`
				: `${whenWords(parsed.when, now)} is more than a day back. Log it anyway?`;
		case 'command':
			return parsed.doubt === null
				? null
				: `${parsed.change.from} → ${parsed.change.to}. Is it over?`;
		default:
			return null;
	}
}

/** `about 02:41 UTC, 19 min ago`; the day stands before it when it is not today. */
function whenWords(when: When, now: number): string {
	const { occurredAt, endedAt, approximate } = when;
	const toTheSecond = when.toTheSecond === true;
	const start = instantWords(occurredAt, now, toTheSecond);
	const end = endedAt === undefined ? '' : `–${endWords(endedAt, when)}`;
	const ago = now - occurredAt >= 0 ? `, ${roundedDuration(now - occurredAt)} ago` : '';
	return `${approximate ? 'about ' : ''}${start}${end} UTC${ago}`;
}

function endWords(at: number, { occurredAt, toTheSecond }: When): string {
	const time = timeWords(at, toTheSecond === true);
	return dayOf(at) === dayOf(occurredAt) ? time : `${dayOf(at)} ${time}`;
}

/** `02:41`, `yesterday 23:50`, `2026-11-20 23:50`: an instant in UTC as seen from now. */
function instantWords(at: number, now: number, toTheSecond = false): string {
	const dayMs = 86_400_000;
	const day = dayOf(at);
	const time = timeWords(at, toTheSecond);
	if (day === dayOf(now)) return time;
	if (day === dayOf(now - dayMs)) return `yesterday ${time}`;
	if (day === dayOf(now + dayMs)) return `tomorrow ${time}`;
	return `${day} ${time}`;
}

function timeWords(at: number, toTheSecond: boolean): string {
	return toTheSecond ? new Date(at).toISOString().slice(11, 19) : clockTime(at);
}
