import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Link } from '#server/cluster/link.ts';
import { Seal } from '#server/cluster/seal.ts';
import { createLog } from '#server/log.ts';

const log = createLog('silent');
const link = new Link({ addresses: [], secret: 'ours', log });
const kinds = ['turns', 'carets', 'present', 'pulse', 'socket.io', 'bucket'] as const;
/** What channels and keys may be about, and what nobody may ever get in: ids with signs that Redis reads. */
const about = fc.oneof(
	fc.uuid(),
	fc.string({ unit: fc.constantFrom(...':*?[]{}/%.\\ \0ab'), maxLength: 12 }),
	fc.tuple(fc.uuid(), fc.constantFrom('}:turns', '}', '{', '*', ':carets')).map(([a, b]) => a + b),
);

/** The part of a key that decides in which slot of a Redis Cluster it is (redis.io/docs, “Hash tags”). */
function hashTagOf(key: string): string {
	const from = key.indexOf('{') + 1;
	const to = key.indexOf('}', from);
	return from > 0 && to > from ? key.slice(from, to) : key;
}

test('no two channels or keys have one name, whatever they are about', () => {
	const place = fc.record({ kind: fc.constantFrom(...kinds), about });
	fc.assert(
		fc.property(place, place, (a, b) => {
			const isSame = a.kind === b.kind && a.about === b.about;
			expect(link.nameOf(a.kind, a.about) === link.nameOf(b.kind, b.about)).toBe(isSame);
		}),
		{ numRuns: 5_000 },
	);
});

test('all that is about one incident is in one slot of a Redis Cluster, told by its id alone', () => {
	fc.assert(
		fc.property(fc.uuid(), (incident) => {
			const names = kinds.map((kind) => link.nameOf(kind, incident));
			expect(names.map(hashTagOf)).toEqual(kinds.map(() => incident));
		}),
	);
});

test('another installation has other names for everything', () => {
	const other = new Link({ addresses: [], secret: 'theirs', log });
	fc.assert(
		fc.property(about, about, fc.constantFrom(...kinds), (a, b, kind) => {
			expect(link.nameOf(kind, a)).not.toBe(other.nameOf(kind, b));
		}),
	);
});

test('what is sealed for one place opens in no other', () => {
	const seal = new Seal('ours');
	fc.assert(
		fc.property(about, about, fc.uint8Array({ maxLength: 50 }), (a, b, body) => {
			const [here, there] = [link.nameOf('turns', a), link.nameOf('turns', b)];
			const opened = seal.open(there, seal.close(here, body));
			expect(opened && new Uint8Array(opened)).toEqual(here === there ? body : null);
		}),
	);
});
