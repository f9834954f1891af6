import { randomUUID } from 'node:crypto';
import type { PersonId } from '#core/ids.ts';
import type { Refusal } from '#core/refusal.ts';
import type { Frame } from '#server/sync/peers/frames.ts';
import { Peer, type PeerInfo } from '#server/sync/peers/peer.ts';
import { Rates } from '#server/sync/peers/rates.ts';
import { Unread } from '#server/sync/peers/unread.ts';
import type { Wire } from '#server/sync/peers/wire.ts';
import type { HandClock } from './handClock.ts';

/** A wire whose other end is in the test's hands. */
export class HandWire implements Wire {
	readonly sent: Frame[] = [];
	isOpen = true;
	waitingBytes = 0;
	isPaused = true;
	closed: { code: number; reason: string } | null = null;
	receive: (bytes: Uint8Array | null) => void = () => undefined;
	#gone: () => void = () => undefined;

	send(frame: Frame): void {
		this.sent.push(frame);
	}

	close(code: number, reason: string): void {
		this.isOpen = false;
		this.closed ??= { code, reason };
	}

	/** The connection is over. */
	cut(): void {
		this.isOpen = false;
		this.#gone();
	}

	pause(isPaused: boolean): void {
		this.isPaused = isPaused;
	}

	onMessage(take: (bytes: Uint8Array | null) => void): void {
		this.receive = take;
	}

	onClose(gone: () => void): void {
		this.#gone = gone;
	}
}

/** Who is at the other end of a wire of ours. */
export function infoOf(name: string, more: Partial<PeerInfo> = {}): PeerInfo {
	const person = { id: idOf(name), name, kind: 'user', access: 'responder' } as const;
	return {
		...{ person, session: null, mayWrite: true, wantsAck: true },
		conn: randomUUID(),
		...more,
	};
}

/** A peer on a wire of ours, and why it was refused. */
export function peerOn(
	wire: Wire,
	info: PeerInfo,
	clock: HandClock,
): { peer: Peer; why: Refusal[] } {
	const why: Refusal[] = [];
	const peer = new Peer(wire, info, {
		meter: new Rates(clock).meter(info.person.id, documentId),
		unread: new Unread(),
		refused: (refusal) => why.push(refusal),
		now: () => clock.now(),
	});
	return { peer, why };
}

function idOf(name: string): PersonId {
	const hex = Buffer.from(name).toString('hex').padEnd(12, '0').slice(0, 12);
	return `00000000-0000-4000-8000-${hex}` as PersonId;
}

const documentId = '00000000-0000-4000-8000-000000000009' as Parameters<Rates['meter']>[1];
