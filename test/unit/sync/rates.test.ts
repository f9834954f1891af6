import { expect, test } from 'vitest';
import type { DocumentId, PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { Rates, type Meter } from '#server/sync/peers/rates.ts';
import { HandClock } from '../../support/handClock.ts';

const ada = 'ada' as PersonId;
const document = 'checkout' as DocumentId;
const keystroke = 26;
const mib = 2 ** 20;

function setUp() {
	const clock = new HandClock();
	const rates = new Rates(clock);
	return { clock, rates, meter: rates.meter(ada, document) };
}

function send(meter: Meter, bytes = keystroke, kind: 'update' | 'step2' = 'update'): void {
	meter.frame(bytes);
	meter.edit(kind, bytes);
}

/** How many go through before one is too many. */
function countUntilRefused(take: () => void): number {
	for (let n = 0; n < 100_000; n++) {
		try {
			take();
		} catch (error) {
			expect(error).toBeInstanceOf(Refusal);
			expect(error).toMatchObject({ code: 'tooMany', field: 'rate' });
			expect((error as Refusal).message).toContain('(rate)');
			return n;
		}
	}
	return Infinity;
}

test('who holds down a key for ten minutes, carets included, is never too fast', () => {
	const { clock, meter } = setUp();
	for (let i = 0; i < 10 * 60 * 30; i++) {
		clock.pass(1_000 / 30);
		send(meter);
		meter.frame(100); // the caret that moves along
	}
});

test('a step 2 of 8 MiB passes, with what is typed after it and a paste of 1 MiB', () => {
	const { clock, meter } = setUp();
	send(meter, limits.messageBytes, 'step2');
	for (let i = 0; i < 100; i++) send(meter);
	send(meter, mib);
	clock.pass(30_000);
	send(meter, limits.messageBytes, 'step2');
});

test('a hundred who come back at once, each with 1 MiB, are let in', () => {
	const { rates } = setUp();
	for (let i = 0; i < 100; i++) {
		const meter = rates.meter(`person ${i}` as PersonId, document);
		send(meter, mib, 'step2');
		meter.question();
	}
});

test('a hundred people who type ten times a second are let be', () => {
	const { clock, rates } = setUp();
	const meters = Array.from({ length: 100 }, (_, i) =>
		rates.meter(`person ${i}` as PersonId, document),
	);
	for (let i = 0; i < 600; i++) {
		clock.pass(100);
		for (const meter of meters) send(meter);
	}
});

test('a burst of edits ends at two hundred, and sixty a second follow', () => {
	const { clock, meter } = setUp();
	expect(countUntilRefused(() => send(meter))).toBe(200);
	clock.pass(1_000);
	expect(countUntilRefused(() => send(meter))).toBe(60);
});

test('messages of any kind end at two hundred a second', () => {
	const { clock, meter } = setUp();
	expect(countUntilRefused(() => meter.frame(10))).toBe(400);
	clock.pass(1_000);
	expect(countUntilRefused(() => meter.frame(10))).toBe(200);
});

test('bytes end at half a MiB a second', () => {
	const { clock, meter } = setUp();
	expect(countUntilRefused(() => meter.frame(mib))).toBe(16);
	clock.pass(4_000);
	expect(countUntilRefused(() => meter.frame(mib))).toBe(2);
});

test('coming back again and again earns a person nothing', () => {
	const { rates } = setUp();
	let sent = 0;
	for (let i = 0; i < 20; i++) {
		const meter = rates.meter(ada, document);
		sent += countUntilRefused(() => send(meter));
	}
	expect(sent).toBe(limits.personEdits.burst);
});

test('however many people write, one document takes so much a second', () => {
	const { rates } = setUp();
	const total = (bytes: number): number => {
		let sent = 0;
		for (let i = 0; i < 100; i++) {
			const meter = rates.meter(`${bytes} ${i}` as PersonId, `${bytes}` as DocumentId);
			sent += countUntilRefused(() => send(meter, bytes));
		}
		return sent;
	};
	expect(total(1)).toBe(limits.documentEdits.burst);
	expect(total(mib)).toBe(64);
});

test('questions end at two a second, and their answers at what one person may cost', () => {
	const { clock, meter } = setUp();
	expect(countUntilRefused(() => meter.question())).toBe(10);
	clock.pass(1_000);
	expect(countUntilRefused(() => meter.question())).toBe(2);
	clock.pass(10_000);
	for (let i = 0; i < 4; i++) meter.answered(20 * mib);
	expect(countUntilRefused(() => meter.question())).toBe(0);
	clock.pass(10_000);
	meter.question();
});

test('what piles up while nothing is read is not held against its sender', () => {
	const { clock, meter } = setUp();
	clock.pass(60_000);
	meter.excuse(60_000);
	for (let i = 0; i < 60 * 30; i++) send(meter);
});
