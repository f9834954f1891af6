import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { decodeEdits, editKinds, encodeEdits, type Edit } from '#core/incident/turn.ts';
import { ada } from '../../support/record.ts';

const natural = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const edits: fc.Arbitrary<Edit[]> = fc.array(
	fc.record({
		kind: fc.constantFrom(...editKinds),
		person: fc.uuid() as fc.Arbitrary<PersonId>,
		conn: fc.string({ unit: 'grapheme', maxLength: 20 }),
		n: natural,
		client: natural,
		receivedAt: natural,
		bytes: fc.uint8Array({ maxLength: 100 }),
	}),
	{ maxLength: 5 },
);

describe('the codec of a turn', () => {
	test('gives back what it was given', () => {
		fc.assert(
			fc.property(edits, (turn) => {
				expect(decodeEdits(encodeEdits(turn))).toEqual(turn);
			}),
		);
	});

	test('refuses every truncation, also inside a larger buffer', () => {
		fc.assert(
			fc.property(edits, (turn) => {
				const whole = encodeEdits(turn);
				const roomy = new Uint8Array(whole.length + 1_000);
				roomy.set(whole);
				for (let end = 0; end < whole.length; end++) {
					expect(() => decodeEdits(whole.slice(0, end))).toThrow();
					expect(() => decodeEdits(roomy.subarray(0, end))).toThrow();
				}
			}),
			{ numRuns: 10 },
		);
	});

	test('refuses bytes that are left over', () => {
		fc.assert(
			fc.property(edits, fc.uint8Array({ minLength: 1, maxLength: 9 }), (turn, rest) => {
				expect(() => decodeEdits(Uint8Array.from([...encodeEdits(turn), ...rest]))).toThrow();
			}),
		);
	});

	test('reads garbage as a turn or throws, and nothing else', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
				let turn: Edit[];
				try {
					turn = decodeEdits(Uint8Array.from([1, 1, ...garbage]));
				} catch (error) {
					expect(error).toBeInstanceOf(Error);
					return;
				}
				expect(decodeEdits(encodeEdits(turn))).toEqual(turn);
			}),
		);
	});

	test.each([
		['edits', (encoder: encoding.Encoder) => encoding.writeVarUint(encoder, 2 ** 52)],
		[
			'a name',
			(encoder: encoding.Encoder) => {
				for (const part of [1, 0, 2 ** 40]) encoding.writeVarUint(encoder, part);
			},
		],
		[
			'bytes',
			(encoder: encoding.Encoder) => {
				for (const part of [1, 0]) encoding.writeVarUint(encoder, part);
				encoding.writeVarString(encoder, ada);
				encoding.writeVarString(encoder, '');
				for (const part of [1, 1, 1, 2 ** 40]) encoding.writeVarUint(encoder, part);
			},
		],
	])('takes no claimed length of %s at its word', (_, write) => {
		const bytes = encoding.encode((encoder) => {
			encoding.writeVarUint(encoder, 1);
			write(encoder);
		});
		const before = process.memoryUsage().arrayBuffers;
		expect(() => decodeEdits(bytes)).toThrow();
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
	});

	test('refuses an unknown version, kind or person', () => {
		const edit = { kind: 'edit', person: ada, conn: 'c', n: 1, client: 2, receivedAt: 3 } as const;
		const whole = encodeEdits([{ ...edit, bytes: new Uint8Array([9]) }]);
		expect(() => decodeEdits(Uint8Array.from([2, ...whole.slice(1)]))).toThrow(/version/);
		expect(() => decodeEdits(whole.with(2, 9))).toThrow(/well-formed/);
		expect(() => decodeEdits(whole.with(4, 0x5a))).toThrow(/well-formed/);
	});
});
