import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reconnectDelay } from '../../../src/lib/live/backoff.ts';
import { Ledger } from '../../../src/lib/live/ledger.ts';

describe('the ledger of my changes', () => {
	test('is settled only once the first step 2 and all that followed is confirmed', () => {
		const ledger = new Ledger();
		ledger.opened();
		expect(ledger.isSettled).toBe(false);
		ledger.sent('step2');
		ledger.made(10);
		ledger.sent('update');
		ledger.acked(1);
		expect(ledger.isSettled).toBe(false);
		expect(ledger.unacked).toBe(1);
		ledger.acked(2);
		expect(ledger.isSettled).toBe(true);
		expect(ledger.unacked).toBe(0);
	});

	test('an update that overtakes the step 2 of a new connection confirms nothing on its own', () => {
		const ledger = new Ledger();
		ledger.made(1);
		ledger.opened();
		ledger.made(2);
		ledger.sent('update');
		ledger.acked(1);
		expect(ledger.unacked).toBe(2);
		ledger.sent('step2');
		ledger.acked(2);
		expect(ledger.unacked).toBe(0);
	});

	test('what was under way when the connection broke counts as not confirmed', () => {
		const ledger = new Ledger();
		ledger.opened();
		ledger.sent('step2');
		ledger.acked(1);
		ledger.made(5);
		ledger.sent('update');
		ledger.opened();
		ledger.sent('step2');
		expect(ledger.oldestUnackedSince).toBe(5);
		ledger.acked(1);
		expect(ledger.oldestUnackedSince).toBe(null);
	});

	test('changes that an earlier page left are confirmed by the first step 2', () => {
		const ledger = new Ledger([1, 2, 3]);
		expect(ledger.unacked).toBe(3);
		ledger.opened();
		ledger.sent('step2');
		ledger.acked(1);
		expect([ledger.unacked, ledger.confirmed]).toEqual([0, 3]);
	});

	test('an acknowledgement of more than was sent is not believed', () => {
		const ledger = new Ledger();
		ledger.opened();
		ledger.sent('step2');
		ledger.made(1);
		ledger.acked(99);
		expect(ledger.unacked).toBe(1);
	});
});

test('the wait before connecting again stays between half a second and five', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 100 }),
			fc.double({ min: 0, max: 1, noNaN: true }),
			(n, r) => {
				const ms = reconnectDelay(n, r);
				return ms >= 500 && ms <= 5_000;
			},
		),
	);
});
