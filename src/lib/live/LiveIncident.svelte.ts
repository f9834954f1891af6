import type * as Y from 'yjs';
import { ulidSource, type EntryId, type IncidentId, type TaskId, type PersonId } from '#core/ids.ts';
import { impactOf, theoryOf } from '#core/incident/document.ts';
import { changeEntry, entryText, writeEntry } from '#core/incident/entries.ts';
import type { Block } from '#core/incident/notes.ts';
import type { Incident, RecordPart, Task, TimelineItem } from '#core/incident/reading.ts';
import { changeTask, orderBetween, taskTitle, writeTask } from '#core/incident/tasks.ts';
import { may, type Person } from '#core/response/access.ts';
import type { Verbs } from '$lib/room/verbs.ts';
import { Clock } from './Clock.svelte.ts';
import { Commands, type Wish } from './Commands.svelte.ts';
import { People, type PersonCard } from './People.svelte.ts';
import { Presence } from './Presence.svelte.ts';
import { Session } from './Session.svelte.ts';
import { SharedText } from './sharedText.ts';
import type { Saved } from './saved.ts';

export interface LiveIncidentParts {
	/** What the server rendered: shown until the live document is here. */
	readonly reading: Incident & { readonly id: IncidentId };
	readonly me: Person;
	readonly people: readonly PersonCard[];
}

/**
 * An incident as this person sees and changes it now. It starts from what the server rendered and
 * goes on with the live document; every change is a change of that document, or a command.
 */
export class LiveIncident implements Verbs {
	readonly id: IncidentId;
	readonly me: Person;
	readonly clock = new Clock();
	readonly people: People;
	readonly commands: Commands;
	readonly presence: Presence;
	readonly session: Session;
	readonly #first: Incident;
	readonly #ulid: () => string;
	/** Entries written on this page: mine before the server has said so. */
	readonly #mine = new Set<string>();

	readonly #timeline = $derived.by((): readonly TimelineItem[] => {
		const shown = this.session.shown;
		if (shown) return shown.timeline;
		const live = this.session.document;
		if (!live) return this.#first.timeline;
		const known = new Set<string>(this.#first.timeline.map(({ id }) => id));
		const added = live.timeline.filter(({ id, source }) => source === 'entry' && !known.has(id));
		return added.length === 0 ? this.#first.timeline : [...this.#first.timeline, ...added];
	});

	/** Derived, so that a field which depends on it is not made anew with every fact. */
	readonly #mayEdit = $derived.by(
		() => may(this.me, 'edit', { isSealed: this.isSealed }) && this.session.refusal === null,
	);

	constructor({ reading, me, people }: LiveIncidentParts) {
		this.id = reading.id;
		this.me = me;
		this.#first = reading;
		this.people = new People(people);
		this.commands = new Commands(reading.id);
		this.presence = new Presence(reading.id, (isUp) => this.session.presenceIs(isUp));
		this.#ulid = ulidSource(
			() => this.clock.read(),
			(bytes) => crypto.getRandomValues(bytes),
		);
		this.session = new Session({
			incident: reading.id,
			me,
			clock: this.clock,
			nameOf: this.people.nameOf,
			isSealedAtFirst: reading.status === 'closed',
		});
	}

	/** Goes live; gives what ends it again. */
	start(): () => void {
		this.session.start();
		void this.presence.open();
		return () => {
			this.session[Symbol.dispose]();
			this.presence[Symbol.dispose]();
		};
	}

	get record(): RecordPart {
		return this.#shown?.record ?? this.#first;
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
		return this.session.saved;
	}

	/** Whether the live document is what the screen shows. */
	get isLive(): boolean {
		return this.session.isLive;
	}

	get isSealed(): boolean {
		return this.record.status === 'closed';
	}

	get mayEdit(): boolean {
		return this.#mayEdit;
	}

	/** Commands are possible on a closed incident too: reopening, correcting a time. */
	get mayCommand(): boolean {
		return may(this.me, 'command', { isSealed: this.isSealed });
	}

	/** Whether I wrote an entry that the server has not confirmed yet. */
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

	moveTo(place: string | null): void {
		this.presence.moveTo(place);
	}

	typingIn(place: string | null): void {
		this.session.typingIn(place);
	}

	get #shown() {
		return this.session.shown;
	}

	#shared(find: (doc: Y.Doc) => Y.Text | null): SharedText | null {
		const document = this.mayEdit ? this.session.editable : null;
		const text = document && find(document.doc);
		return text && new SharedText(text);
	}
}
