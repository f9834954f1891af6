import { oneOf } from '../random.ts';
import { times } from './hostile.ts';

type Random = () => number;

const wellFormed = [
	'42["enter",{"incident":"01234567-89ab-cdef-0123-456789abcdef"}]',
	'42["where",{"place":null}]',
	'4217["board"]',
	'451-["board",{"_placeholder":true,"num":0}]',
	'40',
	'41',
	'3',
	'2',
] as const;
const events = ['enter', 'where', 'board', 'error', 'disconnect', '__proto__', ''] as const;

/** A packet as no socket.io client sends it: bent, nested, out of order, or without any sense. */
export function oddPacket(random: Random): string | Buffer {
	const packet = oneOf(kinds, random)(random);
	return random() < 0.85 ? packet : Buffer.from(packet);
}

const kinds: readonly [(random: Random) => string, ...((random: Random) => string)[]] = [
	bent,
	bent,
	(random) => noise(random, 60),
	(random) => `${pick(random, 10)}${noise(random, 20)}`,
	(random) => `4${pick(random, 10)}${noise(random, 30)}`,
	(random) => `42${pick(random, 1e15)}${JSON.stringify([oneOf(events, random), value(random, 4)])}`,
	(random) => `42${JSON.stringify(times(pick(random, 40), () => value(random, 1)))}`,
	(random) => `45${pick(random, 1e6)}-${JSON.stringify(['board', value(random, 2)])}`,
	(random) => `43${pick(random, 1e9)}${JSON.stringify([value(random, 3)])}`,
	(random) => `40/${noise(random, 10)},${JSON.stringify(value(random, 2))}`,
	(random) => `42["where",${'['.repeat(pick(random, 20_000))}`,
	(random) => `b${noise(random, 20)}`,
];

function bent(random: Random): string {
	const bytes = Buffer.from(oneOf(wellFormed, random));
	for (let flips = 1 + pick(random, 3); flips > 0; flips--) {
		bytes[pick(random, bytes.length)] = pick(random, 128);
	}
	return bytes.subarray(0, random() < 0.2 ? pick(random, bytes.length) : undefined).toString();
}

function noise(random: Random, most: number): string {
	return Buffer.from(times(pick(random, most), () => pick(random, 128))).toString();
}

function value(random: Random, depth: number): unknown {
	const leaf = oneOf([null, true, -1, 1e308, '', '\0', '__proto__', 'x'.repeat(500)], random);
	if (depth === 0 || random() < 0.4) return leaf;
	if (random() < 0.5) return times(pick(random, 4), () => value(random, depth - 1));
	const names = ['place', 'incident', '_placeholder', 'num', 'toJSON', 'then'] as const;
	return Object.fromEntries(times(3, () => [oneOf(names, random), value(random, depth - 1)]));
}

function pick(random: Random, count: number): number {
	return Math.floor(random() * count);
}
