import type { EntryId, PersonId, TaskId } from '#core/ids.ts';
import type { NewEntry } from '#core/incident/entries.ts';
import type { Wish } from '$lib/live/wishes.ts';
import type { SharedText } from '$lib/live/sharedText.ts';

/** Everything that somebody may do in a room. In a replay, or for a viewer, there are no verbs. */
export interface Verbs {
	log(entry: Omit<NewEntry, 'occurredAt'> & { occurredAt?: number }): void;
	star(id: EntryId, isStarred: boolean): void;
	strike(id: EntryId, isStruck: boolean): void;
	changeTime(id: EntryId, occurredAt: number, endedAt: number | undefined): void;
	changeKind(id: EntryId, kind: string): void;
	entryText(id: EntryId): SharedText | null;
	addTask(task: { title: string; assignee?: PersonId | null; due?: number | null }): void;
	finishTask(id: TaskId, isDone: boolean): void;
	assignTask(id: TaskId, person: PersonId | null): void;
	setDue(id: TaskId, due: number | null): void;
	moveTask(id: TaskId, way: 'up' | 'down'): void;
	taskTitle(id: TaskId): SharedText | null;
	/** Asks the server; true if it holds now, else the room says why not. */
	command(wish: Wish): Promise<boolean>;
	/** Tells the others what I am in. */
	moveTo(place: string | null): void;
	/** Tells the others that I am typing there. */
	typingIn(place: string | null): void;
}

/** Names for ids, and everybody who can be given something. */
export interface Directory {
	readonly nameOf: (person: PersonId) => string;
	readonly all: readonly { readonly id: PersonId; readonly name: string }[];
	readonly me: PersonId | null;
}
