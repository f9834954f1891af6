import type { DocumentId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import type { DocumentSize } from '#core/wire.ts';
import type { Logger } from '#server/log.ts';
import type { Clock } from './clock.ts';
import type { Journal } from './journal.ts';
import type { Feed } from './nodes/feed.ts';
import type { TurnNotice } from './notice.ts';
import type { Backlogs } from './outage/backlog.ts';

/** What a document is made of: a checkpoint's state (Yjs V2), the turns after it, and where that ends. */
export interface Opened {
	readonly state: Uint8Array | null;
	readonly turns: readonly (readonly Uint8Array[])[];
	/** The last turn of the journal. */
	readonly turn: number;
	/** It cannot be opened whole: it is shown as of this instant (epoch ms), and takes no edits. */
	readonly quarantine: { readonly asOf: number } | null;
}

/** What rooms need of the rest of Muster. */
export interface RoomParts {
	readonly journal: Journal;
	/** Finds out what a document is made of; null if there is none. */
	readonly open: (document: DocumentId) => Promise<Opened | null>;
	readonly backlogs: Backlogs;
	/** What nodes tell each other of their turns. */
	readonly feed: Feed;
	readonly clock: Clock;
	readonly log: Logger;
	readonly id: () => string;
	/** Who is called how in a document. */
	readonly namesIn: (document: DocumentId) => Promise<NameOf>;
	/** Hears of every committed turn. */
	readonly notice: (turn: TurnNotice) => void;
	/** Hears since when a room's turns cannot be committed (epoch ms), and null once they can again. */
	readonly unsaved: (document: DocumentId, since: number | null) => void;
	/** Hears what people should know of a document's size, null for nothing (any more). */
	readonly sized: (document: DocumentId, size: DocumentSize | null) => void;
	/** Hears that nobody needs a room any more. */
	readonly unloaded: (document: DocumentId) => void;
}

/** What one open room needs. */
export interface OpenRoomParts extends RoomParts {
	readonly nameOf: NameOf;
}
