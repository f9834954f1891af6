import type { EntryId } from '#core/ids.ts';
import type { TimelineItem } from '#core/incident/reading.ts';
import type { Other } from './others.ts';
import type { Directory, Verbs } from './verbs.ts';

export type Whereabouts = 'enter' | 'type' | 'leave';

/** What the lines of a timeline have in common: what may be done with them, and by whom. */
export interface LineContext {
	readonly people: Directory;
	/** Whether I logged it, also before the server has said so. */
	readonly isMine: (item: TimelineItem) => boolean;
	/** Null where lines are only read. */
	readonly verbs: Verbs | null;
	/** T+0, epoch ms. */
	readonly declaredAt: number | null;
	/** Written while it happened: then it is worth saying what was logged late. */
	readonly isLive: boolean;
	readonly othersIn: (place: string) => readonly Other[];
	readonly onwhere: (place: string, what: Whereabouts) => void;
	/** Opens an entry's text for me; null closes the one that is open. */
	readonly onedit: (id: EntryId | null) => void;
	readonly ontime: (item: TimelineItem) => void;
	readonly onkind: (item: TimelineItem) => void;
	/** Asks whether an entry is to be removed for good, for those who may. */
	readonly onremove?: ((item: TimelineItem) => void) | null;
	/** Where a line's time leads: from the room to its moment in the replay, and back. */
	readonly linkOf: (item: TimelineItem) => { readonly href: string; readonly title: string };
	/** Asks who wrote an entry; null where that is not known. */
	readonly onauthors: ((item: TimelineItem) => void) | null;
	/** Lines that had happened by the moment that is shown, and that nobody had logged yet. */
	readonly notYetKnown: ReadonlySet<string>;
}
