import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { DocumentId } from '#core/ids.ts';
import { decodeEdits, encodeEdits } from '#core/incident/turn.ts';
import { limits } from '#server/limits.ts';
import type { Feed, ToldTurn } from '#server/sync/nodes/feed.ts';
import type { Link } from './link.ts';

const version = 1;

/** The nodes' turns and carets, told through Redis. */
export function turnFeed(link: Link): Feed {
	const turnsOf = (document: DocumentId): string => link.nameOf('turns', document);
	const caretsOf = (document: DocumentId): string => link.nameOf('carets', document);
	return {
		tell: (document, turn) => link.say(turnsOf(document), encodeTold(turn)),
		tellCarets: (document, carets) => link.say(caretsOf(document), carets),
		listen(document, hears) {
			const ends = [
				link.listen(
					turnsOf(document),
					(body) => {
						const told = decodeTold(body);
						if (told) hears.turn(told);
					},
					() => hears.held(),
				),
				link.listen(caretsOf(document), (body) => hears.carets(body)),
			];
			return () => ends.forEach((end) => end());
		},
		onGap: (look) => link.onChange((isThere) => isThere && look()),
	};
}

/** A version, the turn's number, then (in this version) its instant and its edits as in the journal. */
export function encodeTold({ turn, at, edits }: ToldTurn): Uint8Array {
	const bytes = edits ? encodeEdits(edits) : new Uint8Array();
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, version);
		encoding.writeVarUint(encoder, turn);
		encoding.writeVarUint(encoder, at);
		encoding.writeUint8Array(encoder, bytes.length > limits.toldTurnBytes ? noEdits : bytes);
	});
}

/** Reads what a node told. What a newer Muster adds is read in the journal; null for what is none. */
export function decodeTold(body: Uint8Array): ToldTurn | null {
	try {
		const decoder = decoding.createDecoder(body);
		const itsVersion = decoding.readVarUint(decoder);
		const turn = decoding.readVarUint(decoder);
		if (itsVersion !== version) return { turn, at: 0, edits: null };
		const at = decoding.readVarUint(decoder);
		const bytes = decoding.readTailAsUint8Array(decoder);
		return { turn, at, edits: bytes.length === 0 ? null : decodeEdits(bytes) };
	} catch {
		return null;
	}
}

const noEdits = new Uint8Array();
