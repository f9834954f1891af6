import type * as Y from 'yjs';
import {
	ulidSource,
	type EntryId,
	type IncidentId,
	type TaskId,
	type PersonId,
} from '#core/ids.ts';
import { impactOf, theoryOf } from '#core/incident/document.ts';
import { changeEntry, entryText, writeEntry } from '#core/incident/entries.ts';
import type { Deletion } from '#core/incident/fold.ts';
import type { Block } from '#core/incident/notes.ts';
import type { Incident, RecordPart, Task, TimelineItem } from '#core/incident/reading.ts';
import { changeTask, orderBetween, taskTitle, writeTask } from '#core/incident/tasks.ts';
import { may, type Person } from '#core/response/access.ts';
import type { Whereabouts } from '$lib/room/lines.ts';
import type { Other } from '$lib/room/others.ts';
import type { Directory, Verbs } from '$lib/room/verbs.ts';
import { Clock } from './Clock.svelte.ts';
import { Commands } from './Commands.svelte.ts';
import type { ImportedFrom } from './fromApi.ts';
import type { LiveDocument } from './LiveDocument.svelte.ts';
import { People, type PersonCard } from './People.svelte.ts';
import { Presence } from './Presence.svelte.ts';
import { Session } from './Session.svelte.ts';
import { roomSubject } from './roomSubject.ts';
import { askToRestore } from './restore.ts';
import { SharedText } from './sharedText.ts';
import type { Saved } from './saved.ts';
import type { Wish } from './wishes.ts';

export interface LiveIncidentParts {
	/** What the server rendered: shown until the live document is here. */
	readonly reading: Incident & {
		readonly id: IncidentId;
		readonly importedFrom: ImportedFrom | null;
	};
	readonly me: Person;
	readonly people: readonly PersonCard[];
	/** As of when it is shown (epoch ms), if it could not be opened whole. */
	readonly shownAsOf: number | null;
}

/**
 * An incident as this person sees and changes it now. It starts from what the server rendered and
 * goes on with the live document; every change is a change of that document, or a command.
 */
export class LiveIncident implements Verbs {
	readonly id: IncidentId;
	/** Where it comes from, if that is not here. */
	readonly importedFrom: ImportedFrom | null;
	readonly clock = new Clock();
	readonly people: People;
	readonly commands: Commands;
	readonly presence: Presence;
	readonly session: Session<LiveDocument>;
	readonly #first: Incident;
	readonly #ulid: () => string;
	/** Entries written on this page: mine before the server has said so. */
	readonly #mine = new Set<string>();

	// Derived, so that a field which depends on them is not made anew with every fact.
	readonly #record = $derived.by((): RecordPart => {
		const record = this.#shown?.record ?? this.#first;
		const { number } = this.#first;
		return record.number === number ? record : { ...record, number };
	});
	readonly #isSealed = $derived.by(() => this.record.status === 'closed');
	readonly #mayEdit = $derived.by(
		() =>
			may(this.me, 'edit', { isSealed: this.#isSealed }) &&
			this.session.refusal === null &&
			this.session.shownAsOf === null,
	);
	readonly #timeline = $derived.by((): readonly TimelineItem[] => {
		const shown = this.session.shown;
		if (shown) return shown.timeline;
		const live = this.session.document;
		if (!live) return this.#first.timeline;
		const known = new Set<string>(this.#first.timeline.map(({ id }) => id));
		const added = live.timeline.filter(({ id, source }) => source === 'entry' && !known.has(id));
		return added.length === 0 ? this.#first.timeline : [...this.#first.timeline, ...added];
	});

	constructor({ reading, me, people, shownAsOf }: LiveIncidentParts) {
		this.id = reading.id;
		this.#first = reading;
		this.importedFrom = reading.importedFrom;
		this.people = new People(people, reading.importedFrom?.people);
		this.commands = new Commands({
			incident: reading.id,
			clock: this.clock,
			nameOf: this.people.nameOf,
		});
		this.presence = new Presence(reading.id, {
			connection: (isUp) => this.session.indicator.presenceIs(isUp),
			store: (awaySince) => this.session.indicator.storeIs(awaySince),
		});
		this.#ulid = ulidSource(
			() => this.clock.read(),
			(bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
		);
		this.session = new Session({
			subject: roomSubject(reading.id, reading.number, this.people.nameOf),
			me,
			clock: this.clock,
			isSealedAtFirst: reading.status === 'closed',
			shownAsOf,
		});
	}

	/** Who I am here, with the access that I have now. */
	get me(): Person {
		return this.session.me;
	}

	/** Names for ids, and everybody who can be given something. */
	get directory(): Directory {
		return { nameOf: this.people.nameOf, all: this.people.all, me: this.me.id };
	}

	/** Goes live; gives what ends it again. */
	start(): () => void {
		void this.clock.ask();
		this.session.start();
		this.presence.open().catch(() => undefined /* the room works without seeing who is there */);
		return () => {
			this.session[Symbol.dispose]();
			this.presence[Symbol.dispose]();
		};
	}

	/** An imported incident has another number here than its record says. */
	get record(): RecordPart {
		return this.#record;
	}

	get timeline(): readonly TimelineItem[] {
		return this.#timeline;
	}

	get tasks(): readonly Task[] {
		return this.#shown?.tasks ?? this.#first.tasks;
	}

	get impact(): string {
		return this.#shown?.impact ?? this.#first.impact;
	}

	get theory(): string {
		return this.#shown?.theory ?? this.#first.theory;
	}

	/** The notes as blocks once the document is here; before that there is their Markdown. */
	get notes(): readonly Block[] | null {
		return this.#shown?.notes ?? null;
	}

	get notesMarkdown(): string {
		return this.#first.notes;
	}

	get saved(): Saved {
		return this.session.indicator.saved;
	}

	/** Whether the live document is what the screen shows. */
	get isLive(): boolean {
		return this.session.isLive;
	}

	get isSealed(): boolean {
		return this.#isSealed;
	}

	get mayEdit(): boolean {
		return this.#mayEdit;
	}

	/** Commands are possible on a closed incident too: reopening, correcting a time. */
	get mayCommand(): boolean {
		return may(this.me, 'command', { isSealed: this.isSealed }) && this.session.shownAsOf === null;
	}

	/** Whether I may remove something for good, also from a closed incident. */
	get mayRemove(): boolean {
		return may(this.me, 'remove', null) && this.session.shownAsOf === null;
	}

	/** What I may do with the document, or null if I only read it. */
	get verbs(): Verbs | null {
		return this.mayEdit ? this : null;
	}

	/** Whether I logged it, also before the server has said so. */
	isMine(item: TimelineItem): boolean {
		return item.by === null ? this.#mine.has(item.id) : item.by === this.me.id;
	}

	/** The two fields of the situation, for somebody who may type in them. */
	field(name: 'impact' | 'theory'): SharedText | null {
		return this.#shared((doc) => (name === 'impact' ? impactOf(doc) : theoryOf(doc)));
	}

	log(entry: Parameters<Verbs['log']>[0]): void {
		const id = this.#ulid() as EntryId;
		this.#mine.add(id);
		const occurredAt = entry.occurredAt ?? this.clock.read();
		this.session.write((doc) => writeEntry(doc, id, { ...entry, occurredAt }));
	}

	star(id: EntryId, isStarred: boolean): void {
		this.session.write((doc) => changeEntry(doc, id, { starred: isStarred }));
	}

	strike(id: EntryId, isStruck: boolean): void {
		this.session.write((doc) => changeEntry(doc, id, { struck: isStruck }));
	}

	changeTime(id: EntryId, occurredAt: number, endedAt: number | undefined): void {
		this.session.write((doc) => changeEntry(doc, id, { occurredAt, endedAt }));
	}

	changeKind(id: EntryId, kind: string): void {
		this.session.write((doc) => changeEntry(doc, id, { kind }));
	}

	entryText(id: EntryId): SharedText | null {
		return this.#shared((doc) => entryText(doc, id));
	}

	addTask(task: Parameters<Verbs['addTask']>[0]): void {
		const id = this.#ulid() as TaskId;
		const last = this.tasks.at(-1)?.order ?? null;
		const order = orderBetween(last, null, Math.random());
		this.session.write((doc) => writeTask(doc, id, { ...task, order }));
	}

	finishTask(id: TaskId, isDone: boolean): void {
		this.session.write((doc) => changeTask(doc, id, { done: isDone }));
	}

	assignTask(id: TaskId, person: PersonId | null): void {
		this.session.write((doc) => changeTask(doc, id, { assignee: person }));
	}

	setDue(id: TaskId, due: number | null): void {
		this.session.write((doc) => changeTask(doc, id, { due }));
	}

	moveTask(id: TaskId, way: 'up' | 'down'): void {
		const tasks = this.tasks;
		const at = tasks.findIndex((task) => task.id === id);
		const to = way === 'up' ? at - 1 : at + 1;
		if (at < 0 || to < 0 || to >= tasks.length) return;
		const [before, after] = way === 'up' ? [to - 1, to] : [to, to + 1];
		const order = orderBetween(
			tasks[before]?.order ?? null,
			tasks[after]?.order ?? null,
			Math.random(),
		);
		this.session.write((doc) => changeTask(doc, id, { order }));
	}

	taskTitle(id: TaskId): SharedText | null {
		return this.#shared((doc) => taskTitle(doc, id));
	}

	command(wish: Wish): Promise<boolean> {
		return this.commands.send(wish, this.record);
	}

	/** The last time that somebody deleted much at once, unless that was restored. */
	get deletion(): Deletion | null {
		return this.#shown?.deletion ?? null;
	}

	/** Brings back what was deleted; null for those who may not. */
	get undelete(): (() => Promise<string | null>) | null {
		if (!this.mayEdit || !may(this.me, 'undelete', null)) return null;
		return () => askToRestore(this.id, { beforeLastDeletion: true });
	}

	/** Opens an incident for editing again that could not be opened whole; null for those who may not. */
	get openAgain(): (() => Promise<string | null>) | null {
		return may(this.me, 'restore', null) ? () => askToRestore(this.id, {}) : null;
	}

	moveTo(place: string | null): void {
		this.presence.moveTo(place);
	}

	typingIn(place: string | null): void {
		this.session.typingIn(place);
	}

	/** Who else is in a field, and who of them types there. */
	othersIn(place: string): readonly Other[] {
		const { typing } = this.session;
		const here = new Set(
			this.presence.people.filter((one) => one.place === place).map(({ person }) => person),
		);
		for (const [person, where] of typing) if (where === place) here.add(person);
		here.delete(this.me.id);
		return [...here].map((person) => ({
			person,
			name: this.people.nameOf(person),
			isTyping: typing.get(person) === place,
		}));
	}

	/** I come into a field, type there, or leave it. */
	whereabouts(place: string, what: Whereabouts): void {
		this.moveTo(what === 'leave' ? null : place);
		this.typingIn(what === 'type' ? place : null);
	}

	/** Takes back my last text change, wherever it was; true if there was one. */
	undo(): boolean {
		return this.mayEdit && (this.session.undo?.undo() ?? false);
	}

	redo(): boolean {
		return this.mayEdit && (this.session.undo?.redo() ?? false);
	}

	get #shown() {
		return this.session.shown;
	}

	#shared(find: (doc: Y.Doc) => Y.Text | null): SharedText | null {
		const document = this.mayEdit ? this.session.editable : null;
		const text = document && find(document.doc);
		const undo = this.session.undo;
		return text && undo && new SharedText(text, undo);
	}
}
