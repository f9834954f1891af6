import { expect, test } from 'vitest';
import { Guesses } from '#server/auth/guesses.ts';
import { limits } from '#server/limits.ts';

function guesses() {
	const clock = { now: 1_000_000 };
	const counted = new Guesses(() => clock.now);
	const tryMany = (n: number, account: (i: number) => string, address: (i: number) => string) =>
		Array.from({ length: n }, (_, i) => counted.take(account(i), address(i))).filter(
			({ state }) => state === 'allowed',
		).length;
	return { clock, counted, tryMany };
}

const ada = () => 'ada@example.com';

test('from one address an account can be tried ten times, then once a minute', () => {
	const { clock, counted, tryMany } = guesses();
	expect(tryMany(1_000, ada, () => '192.0.2.1')).toBe(10);
	expect(counted.take(ada(), '192.0.2.1')).toEqual({ state: 'early', waitMs: 60_000 });
	clock.now += 180_000;
	expect(tryMany(1_000, ada, () => '192.0.2.1')).toBe(3);
});

test('a stranger who guesses leaves the person their own tries', () => {
	const { tryMany } = guesses();
	tryMany(1_000, ada, () => '198.51.100.7');
	expect(tryMany(1, ada, () => '192.0.2.1')).toBe(1);
});

test('from many addresses together an account can be tried a hundred times', () => {
	const { tryMany } = guesses();
	expect(tryMany(1_000, ada, (i) => `198.51.100.${i % 250}`)).toBe(100);
});

test('from one address all accounts together can be tried thirty times', () => {
	const { tryMany } = guesses();
	expect(
		tryMany(
			1_000,
			(i) => `person${i}@example.com`,
			() => '192.0.2.1',
		),
	).toBe(30);
});

test('whoever has an IPv6 network has one address', () => {
	const { tryMany } = guesses();
	expect(tryMany(1_000, ada, (i) => `2001:db8:0:7:${i.toString(16)}::1`)).toBe(10);
	expect(tryMany(1, ada, () => '2001:db8:0:8::1')).toBe(1);
	expect(
		tryMany(
			100,
			() => 'x',
			() => '::ffff:192.0.2.9',
		),
	).toBe(10);
	expect(
		tryMany(
			100,
			() => 'x',
			() => '192.0.2.9',
		),
	).toBe(0);
});

test('a try that was no guess is given back', () => {
	const { counted, tryMany } = guesses();
	for (let i = 0; i < 50; i++) {
		const attempt = counted.take(ada(), '192.0.2.1');
		if (attempt.state === 'allowed') attempt.undo();
	}
	expect(tryMany(50, ada, () => '192.0.2.1')).toBe(10);
});

test('an account that was guessed last stays closed while thousands of others are tried', () => {
	const { tryMany } = guesses();
	const others = Math.floor(limits.guessers / 4);
	expect(tryMany(20, ada, () => '192.0.2.1')).toBe(10);
	tryMany(
		others,
		(i) => `person${i}@example.com`,
		(i) => `10.0.${i >> 8}.${i & 255}`,
	);
	expect(tryMany(20, ada, () => '192.0.2.1')).toBe(0);
});
