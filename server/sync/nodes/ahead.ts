import type { PersonId } from '#core/ids.ts';
import type { Scan } from '../gate/scan.ts';
import type { HotDocument } from '../hot.ts';

/**
 * Whether an update of this person's builds on, brings or deletes something of others that the
 * document lacks. Another node may have committed it, so the journal is read before it is judged.
 */
export function isAhead(hot: HotDocument, { blocks, deletions }: Scan, person: PersonId): boolean {
	const ends = new Map(blocks.map(({ client, end }) => [client, end]));
	const lacks = (client: number, clock: number) =>
		clock >= hot.clockOf(client) && clock >= (ends.get(client) ?? 0);
	return (
		blocks.some(
			({ client, clock, end, needs }) =>
				clock > hot.clockOf(client) ||
				(end > hot.clockOf(client) && hot.ownerOf(client) !== person) ||
				needs.some((need) => lacks(need.client, need.clock)),
		) || deletions.some(({ client, clock, length }) => lacks(client, clock + length - 1))
	);
}
