import type { IncidentId, PersonId } from '../ids.ts';
import type { Visit } from './marks.ts';

/** What the download of a history begins with, as JSON. Instants are epoch ms. */
export interface HistoryHeader {
	readonly id: IncidentId;
	readonly number: number;
	/** The turns that follow are those after this one … */
	readonly after: number;
	/** … up to and with this one. */
	readonly turn: number;
	/** Whether it may go on. */
	readonly isOpen: boolean;
	/** As of when it is told, if the incident could not be opened whole. */
	readonly shownAsOf: number | null;
	/** Names for ids, as they are today. */
	readonly people: readonly { readonly id: PersonId; readonly name: string }[];
	readonly visits: readonly Visit[];
	/** Turns whose state the server keeps. */
	readonly checkpoints: readonly number[];
}

/**
 * The download is a row of frames: four bytes of length, the highest first, then so many bytes, gzip.
 * The first one is the header, each other one consecutive turns in the codec of core/incident/history.ts.
 */
const frameHeadLength = 4;

/** A frame around these bytes. */
export function frameOf(bytes: Uint8Array): Uint8Array {
	const frame = new Uint8Array(frameHeadLength + bytes.length);
	new DataView(frame.buffer).setUint32(0, bytes.length);
	frame.set(bytes, frameHeadLength);
	return frame;
}

/** Takes frames from a stream of bytes that comes in pieces of any size. */
export class Frames {
	#rest = new Uint8Array();

	/** The bytes in the frames that are whole by now. */
	take(piece: Uint8Array): Uint8Array[] {
		const bytes = new Uint8Array(this.#rest.length + piece.length);
		bytes.set(this.#rest);
		bytes.set(piece, this.#rest.length);
		const view = new DataView(bytes.buffer);
		const frames: Uint8Array[] = [];
		let at = 0;
		while (at + frameHeadLength <= bytes.length) {
			const end = at + frameHeadLength + view.getUint32(at);
			if (end > bytes.length) break;
			frames.push(bytes.subarray(at + frameHeadLength, end));
			at = end;
		}
		this.#rest = bytes.slice(at);
		return frames;
	}

	/** Whether the stream has ended where a frame ends. */
	get isWhole(): boolean {
		return this.#rest.length === 0;
	}
}
