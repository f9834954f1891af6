import { statusNames } from '../../incident/lifecycle.ts';
import type { Incident } from '../../incident/reading.ts';
import { labelOf, type Exported } from './exported.ts';

/**
 * An incident as one event of a calendar (RFC 5545), from when it began to when it was over; one that is
 * under way has no end yet. It makes nobody look busy.
 */
export function incidentCalendar(exported: Exported): string {
	const { id, reading, url, at } = exported;
	const { began, ended } = stretchOf(reading);
	const severity = reading.severity === null ? '' : `${reading.severity} `;
	const description = [
		`Status: ${statusNames[reading.status]}`,
		...(reading.impact === '' ? [] : [reading.impact]),
		url,
	];
	const lines = [
		'BEGIN:VCALENDAR',
		'VERSION:2.0',
		'PRODID:-//Muster//Incidents//EN',
		'BEGIN:VEVENT',
		`UID:${id}`,
		`DTSTAMP:${timeOf(at)}`,
		`DTSTART:${timeOf(began ?? at)}`,
		...(ended === null ? [] : [`DTEND:${timeOf(ended)}`]),
		`SUMMARY:${escaped(`${labelOf(exported)} ${severity}${reading.title}`)}`,
		`DESCRIPTION:${escaped(description.join('\n'))}`,
		`URL:${url}`,
		'CATEGORIES:INCIDENT',
		'TRANSP:TRANSPARENT',
		'STATUS:CONFIRMED',
		'END:VEVENT',
		'END:VCALENDAR',
	];
	return lines.map((line) => `${folded(line)}\r\n`).join('');
}

const beginnings = ['impactStarted', 'detected', 'declared', 'acknowledged'] as const;

/** From the first milestone, or else the first line, to the end of the impact or the incident. */
function stretchOf({ milestones: reached, timeline }: Incident): {
	began: number | null;
	ended: number | null;
} {
	const first = beginnings.find((name) => reached[name] !== undefined);
	const began = (first && reached[first]?.at) ?? timeline[0]?.occurredAt ?? null;
	const end = (reached.impactEnded ?? reached.resolved ?? reached.closed)?.at ?? null;
	// An end that is not after the beginning is refused by calendars.
	return { began, ended: began !== null && end !== null && end > began ? end : null };
}

/** UTC, `20261124T021300Z`. */
function timeOf(at: number): string {
	return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** TEXT of RFC 5545 §3.3.11. */
function escaped(text: string): string {
	return text
		.replace(/\r\n?/g, '\n')
		.replace(/(?![\n\t])\p{Cc}/gu, '')
		.replace(/[\\;,]/g, '\\$&')
		.replaceAll('\n', '\\n');
}

const octets = 75;

/** Lines of at most 75 octets of UTF-8, no character torn apart (RFC 5545 §3.1). */
function folded(line: string): string {
	const parts = [''];
	let length = 0;
	for (const character of line) {
		const size = octetsOf(character);
		if (length + size > octets) {
			parts.push('');
			length = 1; // the blank in front of what goes on
		}
		parts[parts.length - 1] += character;
		length += size;
	}
	return parts.join('\r\n ');
}

function octetsOf(character: string): number {
	const code = character.codePointAt(0) ?? 0;
	if (code < 0x80) return 1;
	if (code < 0x800) return 2;
	return code < 0x10000 ? 3 : 4;
}
