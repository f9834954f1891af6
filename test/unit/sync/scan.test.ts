import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { newEntriesIn } from '#server/sync/gate/judge.ts';
import { Malformed } from '#server/sync/gate/reader.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { seeded } from '../../support/random.ts';
import { randomSession } from '../../support/sessions.ts';

const seed = fc.integer({ min: 1, max: 2 ** 31 });

function update(write: (encoder: encoding.Encoder) => void): Uint8Array {
	return encoding.encode(write);
}

function numbers(...values: number[]): Uint8Array {
	return update((encoder) => values.forEach((value) => encoding.writeVarUint(encoder, value)));
}

describe('the scan of an update', () => {
	test('tells of every update which clocks it brings, as Yjs does', () => {
		fc.assert(
			fc.property(seed, (n) => {
				const { doc, updates } = randomSession(seeded(n));
				for (const bytes of [...updates, Y.encodeStateAsUpdate(doc)]) {
					const { from, to } = Y.parseUpdateMeta(bytes);
					const { blocks } = scanUpdate(bytes);
					expect(new Map(blocks.map(({ client, clock }) => [client, clock]))).toEqual(from);
					expect(new Map(blocks.map(({ client, end }) => [client, end]))).toEqual(to);
				}
			}),
			{ numRuns: 30 },
		);
	});

	test('tells what is deleted, as Yjs does', () => {
		fc.assert(
			fc.property(seed, (n) => {
				for (const bytes of randomSession(seeded(n)).updates) {
					const { ds } = Y.decodeUpdate(bytes);
					const expected = [...ds.clients].flatMap(([client, ranges]) =>
						ranges.map(({ clock, len }) => ({ client, clock, length: len })),
					);
					expect(scanUpdate(bytes).deletions).toEqual(expected);
				}
			}),
			{ numRuns: 30 },
		);
	});

	test('names the roots, and the entries that are new', () => {
		const { doc } = randomSession(seeded(7), { edits: 60 });
		const { blocks } = scanUpdate(Y.encodeStateAsUpdate(doc));
		const items = blocks[0]?.items ?? [];
		const roots = items.map(({ parent }) => parent).filter((name) => typeof name === 'string');
		expect(new Set(roots)).toEqual(new Set(['impact', 'entries', 'tasks', 'notes']));
		expect(blocks.flatMap(newEntriesIn).sort()).toEqual([...doc.getMap('entries').keys()].sort());
	});

	test('refuses every truncation', () => {
		const whole = Y.encodeStateAsUpdate(randomSession(seeded(3), { edits: 25 }).doc);
		for (let end = 0; end < whole.length; end++) {
			expect(() => scanUpdate(whole.subarray(0, end))).toThrow(Malformed);
		}
		expect(() => scanUpdate(Uint8Array.of(...whole, 0))).toThrow(Malformed);
	});

	test('is never laxer than Yjs: what it lets through, a document can read', () => {
		fc.assert(
			fc.property(seed, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (n, flips) => {
				const bytes = Y.encodeStateAsUpdate(randomSession(seeded(n), { edits: 15 }).doc);
				for (const [at, value] of flips) bytes[at % bytes.length] = value;
				try {
					scanUpdate(bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(Malformed);
					return;
				}
				expect(() => Y.decodeUpdate(bytes)).not.toThrow();
			}),
			{ numRuns: 2_000 },
		);
	});

	test.each([
		['a struct of 2^40 clocks', numbers(1, 1, 5, 0, 0, 2 ** 40, 0)],
		['more structs than bytes', numbers(1, 2 ** 50, 5, 0)],
		['more clients than bytes', numbers(2 ** 50)],
		['more deletions than bytes', numbers(0, 1, 5, 2 ** 50)],
		['a clock near 2^53', numbers(1, 1, 5, 2 ** 52, 0, 3, 0)],
		['a client id of 33 bits', numbers(1, 1, 2 ** 32, 0, 0, 1, 0)],
		['an empty struct', numbers(1, 1, 5, 0, 0, 0, 0)],
		['a struct that builds on itself', numbers(1, 1, 5, 3, 0x81, 5, 3, 1, 0)],
		['a struct whose parent comes after it', numbers(1, 1, 5, 3, 1, 0, 5, 9, 1, 0)],
		['one client twice', numbers(2, 1, 5, 0, 0, 1, 1, 5, 1, 0, 1, 0)],
		[
			'a number without an end',
			Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		],
		[
			'a client id so long that lib0 reads NaN',
			Uint8Array.of(1, 1, ...new Uint8Array(150).fill(0x80), 0, 0, 0, 1, 0),
		],
		['a deletion of nothing', numbers(0, 1, 5, 1, 3, 0)],
		['a deletion of the same part twice', numbers(0, 1, 5, 2, 3, 4, 6, 1)],
		['one client’s deletions twice', numbers(0, 2, 5, 1, 3, 1, 5, 1, 4, 1)],
		['half a character', Uint8Array.of(1, 1, 5, 0, 4, 1, 1, 116, 3, 0xed, 0xa0, 0x80, 0)],
		['nothing at all', new Uint8Array()],
	])('refuses %s', (_what, bytes) => {
		expect(() => scanUpdate(bytes)).toThrow(Malformed);
	});

	test('refuses values nested so deep that a reader would fall over', () => {
		const list = 117;
		const deep = update((encoder) => {
			[1, 1, 5, 0].forEach((n) => encoding.writeVarUint(encoder, n));
			encoding.writeUint8(encoder, 8); // values
			encoding.writeVarUint(encoder, 1);
			encoding.writeVarString(encoder, 'tasks');
			encoding.writeVarUint(encoder, 1);
			for (let depth = 0; depth < 100_000; depth++) {
				encoding.writeUint8(encoder, list);
				encoding.writeVarUint(encoder, 1);
			}
			encoding.writeUint8(encoder, 126);
			encoding.writeVarUint(encoder, 0);
		});
		expect(() => scanUpdate(deep)).toThrow('nested too deep');
	});

	test('refuses sub-documents, bytes and numbers that JSON cannot hold', () => {
		const writers: ((doc: Y.Doc) => void)[] = [
			(doc) => doc.getMap('tasks').set('a', new Y.Doc()),
			(doc) => doc.getMap('tasks').set('a', Uint8Array.of(1)),
			(doc) => doc.getMap('tasks').set('a', { n: 10n ** 18n }),
		];
		for (const write of writers) {
			const doc = new Y.Doc();
			write(doc);
			expect(() => scanUpdate(Y.encodeStateAsUpdate(doc))).toThrow(Malformed);
		}
	});
});
