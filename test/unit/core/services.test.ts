import { describe, expect, test } from 'vitest';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { readIncident, readRecord } from '#core/incident/reading.ts';
import { withTexts } from '#core/removal/removal.ts';
import { incidentMarkdown } from '#core/review/export/markdown.ts';
import { changesBetween } from '#core/review/changes.ts';
import { commandRequest, declareRequest } from '#core/wire.ts';
import { exportedReading } from '../../support/exported.ts';
import { ada, grace, nameOf, TestRecord } from '../../support/record.ts';

function readingOf(record: TestRecord) {
	const doc = createDocument('follower');
	recordOf(doc).push([...record.facts]);
	return readIncident(doc, nameOf);
}

describe('the services of an incident', () => {
	test('are said when it is declared, and changed as a whole', () => {
		const record = new TestRecord().declare({ services: ['Checkout'] });
		expect(record.state.services).toEqual(['Checkout']);
		record.does(grace, { type: 'setServices', services: ['Checkout', 'Search'] });
		expect(readingOf(record).services).toEqual(['Checkout', 'Search']);
		record.does(grace, { type: 'setServices', services: [] });
		expect(readingOf(record).services).toEqual([]);
		const told = readRecord(record.facts, nameOf).items.filter(({ kind }) => kind === 'services');
		expect(told.map(({ text }) => text)).toEqual([
			'Services not set → Checkout by Ada',
			'Services Checkout → Checkout, Search by Grace',
			'Services Checkout, Search → not set by Grace',
		]);
	});

	test('that are so already make no fact', () => {
		const record = new TestRecord().declare({ services: ['Checkout'] });
		expect(record.asks(ada, { type: 'setServices', services: ['Checkout'] })).toEqual([]);
	});

	test('are not overwritten by somebody who saw others', () => {
		const record = new TestRecord().declare().later(60_000);
		record.does(grace, { type: 'setServices', services: ['Search'], expects: [] });
		record.later(60_000);
		expect(
			record.asks(ada, { type: 'setServices', services: ['Checkout'], expects: [] }),
		).toMatchObject({
			code: 'conflict',
			field: 'expects',
			message: 'Grace set the services to Search 1 min before you.',
		});
		record.does(ada, { type: 'setServices', services: ['Checkout'], expects: ['Search'] });
		expect(record.state.services).toEqual(['Checkout']);
	});

	test('of a closed incident do not change', () => {
		const record = new TestRecord().declare();
		record.does(ada, { type: 'setStatus', status: 'resolved' }).does(ada, { type: 'close' });
		expect(record.asks(ada, { type: 'setServices', services: ['Search'] })).toMatchObject({
			code: 'sealed',
		});
	});

	test('are names on one line, each once whatever its capitals, twenty at most', () => {
		const read = (services: unknown) => {
			const read = commandRequest.safeParse({ type: 'setServices', services });
			return read.success && read.data.type === 'setServices' ? read.data.services : null;
		};
		expect(read([' Checkout ', 'Git\n operations', 'CHECKOUT'])).toEqual([
			'Checkout',
			'Git operations',
		]);
		const many = Array.from({ length: 21 }, (_, i) => `service ${i}`);
		expect(read(many.slice(1))).toHaveLength(20);
		expect(read([...many.slice(1), 'SERVICE 1'])).toHaveLength(20);
		for (const odd of [many, [''], ['x'.repeat(65)], ['a\0b'], [7], 'Checkout', null]) {
			expect(read(odd)).toBe(null);
		}
		expect(declareRequest.parse({ title: 'x', services: ['a', 'A'] }).services).toEqual(['a']);
	});

	test('stand in the export and among what changed', () => {
		const before = readingOf(new TestRecord().declare());
		const after = readingOf(new TestRecord().declare({ services: ['Checkout', 'a|b'] }));
		expect(incidentMarkdown(exportedReading(before))).not.toContain('Services');
		expect(incidentMarkdown(exportedReading(after))).toContain('- Services: Checkout, a&#124;b');
		expect(changesBetween(before, after, nameOf)).toContainEqual({
			of: 'Services',
			words: 'not set → Checkout, a|b',
		});
	});

	test('can be removed for good, each by itself', () => {
		const [, fact] = new TestRecord().declare({ services: ['secret', 'Search'] }).facts;
		const removed = withTexts(fact ?? {}, (text) => text.replaceAll('secret', '[removed]'));
		expect(removed).toMatchObject({ services: ['[removed]', 'Search'] });
		expect(withTexts(fact ?? {}, (text) => text)).toBe(fact);
	});
});
