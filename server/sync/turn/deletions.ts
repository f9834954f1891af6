import * as Y from 'yjs';
import {
	entriesOf,
	findingsOf,
	impactOf,
	notesOf,
	reportOf,
	tasksOf,
	theoryOf,
} from '#core/incident/document.ts';
import type { RestorablePart } from '#core/incident/parts.ts';
import type { Person } from '#core/response/access.ts';
import { limits } from '#server/limits.ts';
import type { Incoming } from './incomings.ts';

/** Much that somebody deleted at once: of which parts, and how many characters of how many. */
export interface BigDeletion {
	readonly by: Person;
	readonly parts: readonly RestorablePart[];
	readonly characters: number;
	readonly before: number;
}

type Loss = Omit<BigDeletion, 'by'>;

type Shared = Y.AbstractType<unknown>;

/** Characters that a change deletes, by the text that they were in. */
type Losses = ReadonlyMap<Shared, number>;

/**
 * Watches what people's edits delete. A change that deletes little costs nothing.
 */
export class DeletionWatch {
	readonly #doc: Y.Doc;
	#seen: Loss | null = null;

	constructor(doc: Y.Doc) {
		this.#doc = doc;
		doc.on('afterTransaction', (transaction) => {
			this.#seen = this.#bigIn(transaction);
		});
	}

	/** Takes edits in; gives what they delete if that is much, else null. */
	during(incoming: readonly Incoming[], takeIn: () => void): BigDeletion | null {
		this.#seen = null;
		takeIn();
		const [first] = incoming.toSorted((a, b) => deletesIn(b) - deletesIn(a));
		return this.#seen && first ? { ...(this.#seen as Loss), by: first.peer.info.person } : null;
	}

	#bigIn(transaction: Y.Transaction): Loss | null {
		const { clients } = transaction.deleteSet;
		let most = 0;
		for (const items of clients.values()) for (const { len } of items) most += len;
		if (most < limits.deletedLeast * limits.deletedShare) return null;
		return this.#measure(lossesOf(transaction));
	}

	#measure(losses: Losses): Loss | null {
		const parts = new Set<RestorablePart>();
		let characters = 0;
		let before = 0;
		for (const [text, lost] of losses) {
			const part = this.#partOf(text);
			const length = lost + lengthOf(text);
			if (!part || !isBig(lost, length)) continue;
			parts.add(part);
			characters += lost;
			before += length;
		}
		return parts.size > 0 ? { parts: [...parts], characters, before } : null;
	}

	#partOf(text: Shared): RestorablePart | null {
		const doc = this.#doc;
		const root: unknown = rootOf(text);
		if (root === impactOf(doc)) return 'impact';
		if (root === theoryOf(doc)) return 'theory';
		if (root === notesOf(doc)) return 'notes';
		if (root === tasksOf(doc)) return 'tasks';
		if (root === reportOf(doc)) return 'report';
		if (root === findingsOf(doc)) return 'findings';
		return root === entriesOf(doc) ? 'entries' : null;
	}
}

function deletesIn({ scan }: Incoming): number {
	return scan.deletions.reduce((sum, { length }) => sum + length, 0);
}

function isBig(lost: number, length: number): boolean {
	if (lost > limits.deletedCharacters) return true;
	return length >= limits.deletedLeast && lost > limits.deletedShare * length;
}

function lossesOf(transaction: Y.Transaction): Losses {
	const losses = new Map<Shared, number>();
	Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
		if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return;
		const isNew = struct.id.clock >= (transaction.beforeState.get(struct.id.client) ?? 0);
		if (isNew || !(struct.parent instanceof Y.AbstractType)) return;
		const text = textAround(struct.parent as Shared);
		losses.set(text, (losses.get(text) ?? 0) + struct.length);
	});
	return losses;
}

/** The notes are one text, and all tasks are; an entry's text is one by itself. */
function textAround(type: Shared): Shared {
	const root = rootOf(type);
	return root === type || type._item?.parentSub !== 'text' ? root : type;
}

function rootOf(type: Shared): Shared {
	let root = type;
	while (root._item?.parent instanceof Y.AbstractType) root = root._item.parent as Shared;
	return root;
}

/** How many characters are left. */
function lengthOf(type: unknown): number {
	if (type instanceof Y.Text) return type.length;
	if (!(type instanceof Y.Map || type instanceof Y.XmlFragment)) return 0;
	const inside: readonly unknown[] = type instanceof Y.Map ? [...type.values()] : type.toArray();
	return inside.map(lengthOf).reduce((sum, length) => sum + length, 0);
}
