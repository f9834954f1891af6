import * as encoding from 'lib0/encoding';
import type { PersonId } from '#core/ids.ts';
import { colourOf } from '#core/people.ts';
import type { Person } from '#core/response/access.ts';
import { limits } from '#server/limits.ts';
import { Malformed, Reader } from '../gate/reader.ts';
import { awarenessFrame, type Frame } from '../peers/frames.ts';

/** What a client says of one caret; `state` is JSON, not yet looked into. */
export interface Claim {
	readonly client: number;
	readonly clock: number;
	readonly state: Uint8Array;
}

/** Reads a client's message about carets. Throws `Malformed`. */
export function readClaims(bytes: Uint8Array): Claim[] {
	const reader = new Reader(bytes);
	const count = reader.varUint();
	if (count > limits.caretsPerFrame) throw new Malformed('These are too many carets.');
	const claims: Claim[] = [];
	for (let left = count; left > 0; left--) {
		claims.push({ client: reader.varUint(), clock: reader.varUint(), state: reader.varBytes() });
	}
	reader.end();
	return claims;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The state in a claim as others are shown it, JSON under the name of whose it is; `null` as JSON
 * when the caret is gone, null when it cannot be shown. Throws `Malformed` for what is no JSON.
 */
export function readState({ state }: Claim, { id, name }: Person): string | null {
	if (state.length > limits.caretBytes) return null;
	const value = parse(state);
	if (value === null) return 'null';
	if (typeof value !== 'object' || Array.isArray(value)) return null;
	if (!isShallow(value, limits.caretDepth)) return null;
	return JSON.stringify({ ...value, user: { id, name, color: colourOf(id) } });
}

/** What another node shows of a caret, JSON, and whose it is; nobody's when it is gone. */
export function readFar({ state }: Claim): { state: string; person: PersonId | null } {
	const value = parse(state) as { user?: { id?: PersonId } } | null;
	const person = value?.user?.id ?? null;
	return { state: person === null ? 'null' : utf8.decode(state), person };
}

function parse(state: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(state));
	} catch {
		throw new Malformed('A caret is not JSON.');
	}
}

/** Whether a value is nested only so deeply, and would change nobody's prototypes. */
function isShallow(value: object, depth: number): boolean {
	if (depth === 0 || Object.hasOwn(value, '__proto__')) return false;
	return Object.values(value).every(
		(inner: unknown) => typeof inner !== 'object' || !inner || isShallow(inner, depth - 1),
	);
}

/** One caret, encoded. */
export interface Entry {
	readonly client: number;
	readonly bytes: Uint8Array;
}

/** Encodes a caret; `state` is JSON, `null` when it is gone. */
export function entryOf(client: number, clock: number, state: string): Entry {
	const bytes = encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, client);
		encoding.writeVarUint(encoder, clock);
		encoding.writeVarString(encoder, state);
	});
	return { client, bytes };
}

/** Carets that are shown together: one message for all, and for who is in it one without them. */
export class CaretBatch {
	readonly frame: Frame;
	readonly #entries: readonly Entry[];
	readonly #clients: ReadonlySet<number>;

	constructor(entries: readonly Entry[]) {
		this.#entries = entries;
		this.#clients = new Set(entries.map(({ client }) => client));
		this.frame = frameOf(entries);
	}

	/** As other nodes are told. */
	get body(): Uint8Array {
		return bodyOf(this.#entries);
	}

	/** What a client with this caret is sent: never its own; null for nothing. */
	frameFor(client: number | null): Frame | null {
		if (client === null || !this.#clients.has(client)) return this.frame;
		if (this.#entries.length === 1) return null;
		return frameOf(this.#entries.filter((entry) => entry.client !== client));
	}
}

/** What keeps stock clients from giving up a silent connection: a message about nobody. */
export const heartbeatFrame = frameOf([]);

function frameOf(entries: readonly Entry[]): Frame {
	return awarenessFrame(bodyOf(entries));
}

function bodyOf(entries: readonly Entry[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, entries.length);
		for (const { bytes } of entries) encoding.writeUint8Array(encoder, bytes);
	});
}
