import type * as Y from 'yjs';
import { ulidSource, type FindingId, type IncidentId, type PersonId } from '#core/ids.ts';
import type { Block } from '#core/incident/notes.ts';
import type { Incident } from '#core/incident/reading.ts';
import { orderBetween } from '#core/incident/tasks.ts';
import { missingOf } from '#core/retro/approvals.ts';
import type { RetroCommand } from '#core/retro/commands.ts';
import {
	addCause,
	deleteFinding,
	dropCause,
	findingText,
	flagEvidence,
	moveFinding,
	writeFinding,
	type Finding,
} from '#core/retro/findings.ts';
import type { Evidence, FindingKind } from '#core/retro/flags.ts';
import { isRetroPlace, retroPlace } from '#core/retro/places.ts';
import type { Retro } from '#core/retro/reading.ts';
import type { RetroState } from '#core/retro/state.ts';
import { may, type Person } from '#core/response/access.ts';
import type { Whereabouts } from '$lib/room/lines.ts';
import type { Other } from '$lib/room/others.ts';
import type { Here } from '$lib/room/places.ts';
import type { Directory } from '$lib/room/verbs.ts';
import { askOnce } from './askOnce.ts';
import { Clock } from './Clock.svelte.ts';
import type { LiveDocument } from './LiveDocument.svelte.ts';
import { People, type PersonCard } from './People.svelte.ts';
import { Presence } from './Presence.svelte.ts';
import { retroSubject } from './retroSubject.ts';
import type { RetroDocument } from './RetroDocument.svelte.ts';
import { roomSubject } from './roomSubject.ts';
import type { Saved } from './saved.ts';
import { Session } from './Session.svelte.ts';
import { SharedText } from './sharedText.ts';

export interface LiveRetroParts {
	readonly id: IncidentId;
	/** What the server rendered: shown until the live documents are here. */
	readonly retro: Retro;
	readonly incident: Incident;
	readonly me: Person;
	readonly people: readonly PersonCard[];
	/** People of another Muster, from which the incident came. */
	readonly others: ReadonlyMap<PersonId, string>;
}

/**
 * A retrospective as this person sees and changes it now, beside the incident that it is about, which
 * is followed and never changed. It starts from what the server rendered.
 */
export class LiveRetro {
	readonly id: IncidentId;
	readonly number: number;
	readonly clock = new Clock();
	readonly people: People;
	readonly presence: Presence;
	readonly session: Session<RetroDocument>;
	readonly #room: Session<LiveDocument>;
	readonly #first: Pick<LiveRetroParts, 'retro' | 'incident'>;
	readonly #ulid: () => string;

	readonly #incident = $derived.by((): Incident => {
		const { incident } = this.#first;
		const room = this.#room.shown;
		if (!room) return incident;
		const { timeline, tasks, impact, theory } = room;
		return {
			...incident,
			...room.record,
			number: incident.number,
			timeline,
			tasks,
			impact,
			theory,
		};
	});
	readonly #mayEdit = $derived.by(
		() =>
			this.state.isBegun &&
			may(this.me, 'edit', { isSealed: this.isFrozen }) &&
			this.session.refusal === null,
	);

	constructor({ id, retro, incident, me, people, others }: LiveRetroParts) {
		this.id = id;
		this.number = incident.number;
		this.#first = { retro, incident };
		this.people = new People(people, others);
		this.presence = new Presence(id, {
			connection: (isUp) => this.session.indicator.presenceIs(isUp),
			store: (awaySince) => this.session.indicator.storeIs(awaySince),
		});
		this.#ulid = ulidSource(
			() => this.clock.read(),
			(bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
		);
		const { clock } = this;
		this.session = new Session({
			...{ me, clock, shownAsOf: null },
			subject: retroSubject(id, incident.number),
			isSealedAtFirst: retro.stage === 'published',
		});
		this.#room = new Session({
			...{ me, clock, shownAsOf: null },
			subject: roomSubject(id, incident.number, this.people.nameOf),
			isSealedAtFirst: incident.status === 'closed',
			onlyReads: true,
		});
	}

	/** Goes live; gives what ends it again. */
	start(): () => void {
		void this.clock.ask();
		this.session.start();
		this.#room.start();
		this.presence.moveTo(retroPlace);
		this.presence.open().catch(() => undefined /* it works without seeing who is there */);
		return () => {
			this.session[Symbol.dispose]();
			this.#room[Symbol.dispose]();
			this.presence[Symbol.dispose]();
		};
	}

	/** Who I am here, with the access that I have now. */
	get me(): Person {
		return this.session.me;
	}

	/** Names for ids, and everybody who can be given something. */
	get directory(): Directory {
		return { nameOf: this.people.nameOf, all: this.people.all, me: this.me.id };
	}

	/** The incident as it is now. */
	get incident(): Incident {
		return this.#incident;
	}

	get state(): RetroState {
		return this.session.shown?.state ?? this.#first.retro;
	}

	get findings(): readonly Finding[] {
		return this.session.shown?.findings ?? this.#first.retro.findings;
	}

	get report(): readonly Block[] {
		return this.session.shown?.report ?? this.#first.retro.report;
	}

	/** The reviewers who have not approved the text as it is. */
	get missing(): readonly PersonId[] {
		return missingOf(this.state, (this.session.shown ?? this.#first.retro).written);
	}

	/** Whether it is published, and not being revised. */
	get isFrozen(): boolean {
		return this.state.stage === 'published';
	}

	get saved(): Saved {
		return this.session.indicator.saved;
	}

	get mayEdit(): boolean {
		return this.#mayEdit;
	}

	/** Whether I may ask for what only the server writes: owner, review, publishing, comments. */
	get mayCommand(): boolean {
		return may(this.me, 'command', null) && this.session.refusal === null;
	}

	/** Who has this page open, in the order in which they came. */
	get here(): readonly Here[] {
		return this.presence.people.filter(({ place }) => isRetroPlace(place));
	}

	/** Asks the server; gives what went wrong as a sentence, or null. */
	command(command: RetroCommand): Promise<string | null> {
		return askOnce(this.id, 'retro/commands', { wanted: command, away });
	}

	/** What approves the text that is on the screen, and no other. */
	get approval(): RetroCommand {
		const shown = this.session.shown;
		return { type: 'approve', ...(shown && { written: shown.written }) };
	}

	addFinding(kind: FindingKind, text: string): FindingId {
		const id = this.#ulid() as FindingId;
		const last = this.findings.findLast((one) => one.kind === kind)?.order ?? null;
		const order = orderBetween(last, null, Math.random());
		this.session.write((doc) => writeFinding(doc, id, { kind, text, order }));
		return id;
	}

	/** Moves it before or after its neighbour of the same kind. */
	moveFinding(id: FindingId, way: 'up' | 'down'): void {
		const kind = this.findings.find((one) => one.id === id)?.kind;
		const peers = this.findings.filter((one) => one.kind === kind);
		const at = peers.findIndex((one) => one.id === id);
		const to = way === 'up' ? at - 1 : at + 1;
		if (at < 0 || to < 0 || to >= peers.length) return;
		const [before, after] = way === 'up' ? [to - 1, to] : [to, to + 1];
		const [low, high] = [peers[before]?.order ?? null, peers[after]?.order ?? null];
		this.session.write((doc) => moveFinding(doc, id, orderBetween(low, high, Math.random())));
	}

	flagEvidence(id: FindingId, evidence: Evidence, isOn: boolean): void {
		this.session.write((doc) => flagEvidence(doc, id, { evidence, isOn }));
	}

	/** Names a cause, unless it is named already. */
	addCause(id: FindingId, name: string): void {
		if (this.findings.some((one) => one.id === id && one.causes.includes(name))) return;
		const ulid = this.#ulid();
		this.session.write((doc) => addCause(doc, id, { ulid, name }));
	}

	dropCause(id: FindingId, name: string): void {
		this.session.write((doc) => dropCause(doc, id, name));
	}

	deleteFinding(id: FindingId): void {
		this.session.write((doc) => deleteFinding(doc, id));
	}

	/** A finding's text to type into, or null for those who only read. */
	findingText(id: FindingId): SharedText | null {
		return this.#shared((doc) => findingText(doc, id));
	}

	/** I come into a field, type there, or leave it. */
	whereabouts(place: string, what: Whereabouts): void {
		this.moveTo(what === 'leave' ? null : place);
		this.typingIn(what === 'type' ? place : null);
	}

	moveTo(place: string | null): void {
		this.presence.moveTo(place ?? retroPlace);
	}

	typingIn(place: string | null): void {
		this.session.typingIn(place);
	}

	/** Who else is in a field, and who of them types there. */
	othersIn(place: string): readonly Other[] {
		const { typing } = this.session;
		const people = this.presence.people.filter((one) => one.place === place);
		const here = new Set(people.map(({ person }) => person));
		for (const [person, where] of typing) if (where === place) here.add(person);
		here.delete(this.me.id);
		return [...here].map((person) => ({
			person,
			name: this.people.nameOf(person),
			isTyping: typing.get(person) === place,
		}));
	}

	#shared(find: (doc: Y.Doc) => Y.Text | null): SharedText | null {
		const document = this.mayEdit ? this.session.editable : null;
		const text = document && find(document.doc);
		const undo = this.session.undo;
		return text && undo && new SharedText(text, undo);
	}
}

const away = 'Muster cannot be reached, so nothing was changed.';
