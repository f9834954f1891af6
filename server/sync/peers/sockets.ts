import type { DocumentId, PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { accessHasChanged } from '#core/protocol.ts';
import { adminToken } from '#server/auth/adminToken.ts';
import { sayFarewell } from '#server/farewell.ts';
import { restartCode } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import type { Peer } from './peer.ts';

/** Who wants to come in, and since when (ms of `performance.now()`) they were being looked up. */
export interface Caller {
	readonly document: DocumentId;
	readonly person: PersonId;
	readonly session: string | null;
	readonly since: number;
}

/**
 * All sockets of live documents on this node, from the upgrade to their end: also those that wait
 * for a room which is being opened, so that nobody misses that they are signed out.
 */
export class Sockets {
	readonly #peers = new Map<Peer, DocumentId>();
	readonly #byPerson = new Counts<PersonId>();
	readonly #byDocument = new Counts<DocumentId>();
	/** Sessions and persons whose connections were ended, with the time of it. */
	readonly #ended = new Map<string, number>();
	#isClosing = false;

	/** How many there are. */
	get open(): number {
		return this.#peers.size;
	}

	/** The sessions that have a socket here. */
	*sessions(): Iterable<string> {
		for (const { info } of this.#peers.keys()) if (info.session !== null) yield info.session;
	}

	/** Throws a `Refusal` if somebody may not have one more, or was sent away while being looked up. */
	admit({ document, person, session, since }: Caller): void {
		if (this.#isClosing) throw new Refusal('unavailable', 'Muster is stopping.');
		if (session !== null && this.#endedAfter(session, since)) {
			throw new Refusal('signedOut', 'You are signed out.');
		}
		if (this.#endedAfter(person, since)) {
			throw new Refusal('unavailable', 'Your access has changed. Try again.');
		}
		// The operator's own token stands for any number of programs.
		const isFull = this.#byPerson.of(person) >= limits.socketsPerPerson;
		if (isFull && person !== adminToken.id) {
			throw new Refusal('tooMany', 'You have too many connections. Close some tabs.', 'sockets');
		}
		if (this.#byDocument.of(document) >= limits.socketsPerIncident) {
			throw new Refusal('tooMany', 'This incident has as many connections as it may.', 'sockets');
		}
	}

	add(peer: Peer, document: DocumentId): void {
		this.#peers.set(peer, document);
		this.#byPerson.add(peer.info.person.id, 1);
		this.#byDocument.add(document, 1);
	}

	remove(peer: Peer): void {
		const document = this.#peers.get(peer);
		if (document === undefined) return;
		this.#peers.delete(peer);
		this.#byPerson.add(peer.info.person.id, -1);
		this.#byDocument.add(document, -1);
	}

	/** A session is over: its sockets end. */
	signedOut(session: string): void {
		this.#note(session);
		for (const peer of this.#peers.keys()) {
			if (peer.info.session === session) {
				peer.refuse(new Refusal('signedOut', 'You are signed out.'));
			}
		}
	}

	/** A person's access changed: their sockets end, and come back with what they may do now. */
	accessChanged(person: PersonId): void {
		this.#note(person);
		for (const peer of this.#peers.keys()) {
			if (peer.info.person.id === person) peer.close(restartCode, accessHasChanged);
		}
	}

	/** Nobody comes in any more, and everybody is told in turn to come back: to another node, or later. */
	async sayFarewell(): Promise<void> {
		this.#isClosing = true;
		await sayFarewell([...this.#peers.keys()], (peer) =>
			peer.close(restartCode, 'Muster restarts.'),
		);
	}

	#endedAfter(key: string, since: number): boolean {
		return (this.#ended.get(key) ?? -Infinity) >= since;
	}

	/** Nobody is looked up for longer than an upgrade may take. */
	#note(key: string): void {
		const now = performance.now();
		this.#ended.set(key, now);
		for (const [old, at] of this.#ended) if (now - at > limits.upgradeMs) this.#ended.delete(old);
	}
}

/** How many of each there are; what is none is not kept. */
class Counts<Key> {
	readonly #counts = new Map<Key, number>();

	of(key: Key): number {
		return this.#counts.get(key) ?? 0;
	}

	add(key: Key, by: 1 | -1): void {
		const count = this.of(key) + by;
		if (count > 0) this.#counts.set(key, count);
		else this.#counts.delete(key);
	}
}
