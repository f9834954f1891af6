import { describe, expect, test } from 'vitest';
import { incidentCalendar } from '#core/review/export/calendar.ts';
import { exportedEntry, exportedReading, exportedTimeline } from '../../support/exported.ts';
import { rawTimeline, timelineNames } from '../../support/timelines.ts';

/** The properties of the one event, unfolded and read by nothing of Muster's. */
function propertiesOf(calendar: string): Record<string, string> {
	const lines = calendar.replaceAll('\r\n ', '').split('\r\n');
	expect(lines.filter((line) => line.startsWith('BEGIN:'))).toEqual([
		'BEGIN:VCALENDAR',
		'BEGIN:VEVENT',
	]);
	expect(lines.slice(-3)).toEqual(['END:VEVENT', 'END:VCALENDAR', '']);
	return Object.fromEntries(
		lines.map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)]),
	);
}

const stamp = (time: string) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');

describe('an incident as an event of a calendar', () => {
	test.each(timelineNames)('goes from the beginning of %s to its end', (name) => {
		const { milestones = {} } = rawTimeline(name);
		const began = milestones.impact_started_at ?? milestones.detected_at;
		const ended = milestones.impact_ended_at ?? milestones.resolved_at;
		const { DTSTART, DTEND } = propertiesOf(incidentCalendar(exportedTimeline(name)));
		if (began) expect(DTSTART).toBe(stamp(began));
		expect(DTEND).toBe(ended && stamp(ended));
	});

	test('has no end while it is under way', () => {
		expect(propertiesOf(incidentCalendar(exportedEntry({}))).DTEND).toBeUndefined();
	});

	test.each([
		'a title; with, signs \\ and\nlines\r\nEND:VEVENT',
		'日本語'.repeat(40),
		'🚒'.repeat(50),
		'é'.repeat(100),
		'x'.repeat(200),
	])('[E1] no title breaks out of its line, nor is torn apart: %j', (title) => {
		const reading = { ...exportedEntry({}).reading, title };
		const calendar = incidentCalendar(exportedReading(reading));
		for (const line of calendar.split('\r\n')) {
			expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
			expect(line).toSatisfy((text: string) => text.isWellFormed());
		}
		const unescaped = propertiesOf(calendar)
			.SUMMARY?.replace(/\\n/g, '\n')
			.replace(/\\([\\;,])/g, '$1');
		expect(unescaped).toBe(`INC-42 ${title.replaceAll('\r\n', '\n')}`);
	});

	test('is the same as ever for the GitLab incident', async () => {
		const calendar = incidentCalendar(exportedTimeline('gitlab-2017-01-31.json'));
		await expect(calendar).toMatchFileSnapshot('../../fixtures/exports/gitlab-2017-01-31.ics');
	});
});
