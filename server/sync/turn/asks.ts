import type { EntryId } from '#core/ids.ts';
import {
	decide,
	factOf,
	factsWithKey,
	loggedFact,
	lostClaim,
	type Context,
} from '#core/incident/decide.ts';
import type { NewEntry } from '#core/incident/entries.ts';
import type { RecordState } from '#core/incident/fold.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { isRemoval, type Fact, type FactOf } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import type { RetroCommand } from '#core/retro/commands.ts';
import { decideRetro } from '#core/retro/decide.ts';
import { foldRetro } from '#core/retro/state.ts';
import type { Person } from '#core/response/access.ts';
import type { Command } from '#core/wire.ts';
import { limits } from '#server/limits.ts';
import type { Clock } from '../clock.ts';

/** Who asks, and under which idempotency key; `print` is a digest of the request. */
export interface Asker {
	readonly person: Person;
	readonly key?: string;
	readonly print?: string;
}

/** What somebody wants to be written. */
export type Wish =
	| { readonly kind: 'command'; readonly command: Command }
	| { readonly kind: 'entry'; readonly entry: NewEntry }
	| { readonly kind: 'retro'; readonly command: RetroCommand; readonly incidentTurn: number }
	/** Parts go back to an earlier version, by this update. */
	| {
			readonly kind: 'restore';
			readonly update: ServerUpdate;
			readonly version: Pick<FactOf<'restored'>, 'turn' | 'at' | 'parts'>;
			/** How many removals the version knew of that the update was made from. */
			readonly removals: number;
	  }
	/** It is noted that somebody deleted much. */
	| {
			readonly kind: 'deleted';
			readonly at: number;
			readonly deletion: Pick<FactOf<'deleted'>, 'turn' | 'parts' | 'characters' | 'before'>;
	  };

/** An update that the server makes under a client id that nobody used. */
export interface ServerUpdate {
	readonly client: number;
	readonly bytes: Uint8Array;
}

/** What came of a wish; `entry` names the entry that was logged. */
export interface Outcome {
	readonly facts: readonly Fact[];
	readonly entry: EntryId | null;
	/** The same key was used before: this is the first answer. */
	readonly isRepeat: boolean;
	/** What the sender hears instead: what is written keeps a lost claim on record. */
	readonly refusal?: Refusal;
}

/** A command or an entry that waits for its turn. */
export class Ask {
	readonly asker: Asker;
	readonly wish: Wish;
	readonly outcome: Promise<Outcome>;
	/** From here on nobody can tell whether it is written until the store says so. */
	isSent = false;
	isAnswered = false;
	readonly #answer: PromiseWithResolvers<Outcome>;
	readonly #endWaiting: () => void;

	constructor(clock: Clock, asker: Asker, wish: Wish) {
		this.asker = asker;
		this.wish = wish;
		this.#answer = Promise.withResolvers<Outcome>();
		this.outcome = this.#answer.promise;
		this.#endWaiting = clock.after(limits.commandMs, () => this.refuse(this.#tooLate()));
	}

	accept(outcome: Outcome): void {
		if (outcome.refusal) return this.refuse(outcome.refusal);
		this.#end();
		this.#answer.resolve(outcome);
	}

	refuse(error: unknown): void {
		this.#end();
		this.#answer.reject(error);
	}

	#end(): void {
		this.isAnswered = true;
		this.#endWaiting();
	}

	#tooLate(): Refusal {
		return this.isSent
			? new Refusal(
					'unclear',
					'The store did not answer, so this may or may not be written. Repeat it with the same key.',
				)
			: new Refusal('unavailable', 'The store cannot be reached. Nothing was written; try again.');
	}
}

/** What deciding needs: the state at this very turn, its instant (epoch ms), and a source of ids. */
export interface Moment {
	readonly facts: readonly Fact[];
	readonly state: RecordState;
	/** How much is written in a retrospective (`writtenIn`). */
	readonly written: () => number;
	readonly now: number;
	readonly id: () => string;
	readonly nameOf: NameOf;
}

/** What a wish writes: facts, and an entry with its id. */
export interface Decision {
	readonly facts: readonly Fact[];
	readonly entry: { readonly id: EntryId; readonly entry: NewEntry } | null;
	readonly restoring?: ServerUpdate;
	/** What the sender hears once this is written. */
	readonly refusal?: Refusal;
}

/** Decides a wish at this moment: what to write, the first answer to the same key, or a refusal (thrown). */
export function decideWish(ask: Ask, moment: Moment): Decision | Outcome {
	const { asker, wish } = ask;
	const by = asker.person.id;
	const repeated = asker.key === undefined ? [] : factsWithKey(moment.facts, asker.key, by);
	if (repeated.length > 0) return firstOutcome(repeated, asker.print);
	const context = {
		now: moment.now,
		by,
		id: moment.id,
		nameOf: moment.nameOf,
		...(asker.key === undefined ? {} : { key: asker.key }),
		...(asker.print === undefined ? {} : { print: asker.print }),
	};
	if (wish.kind === 'command') return decideCommand(moment, wish.command, context);
	if (wish.kind === 'retro') return decideOnRetro(moment, wish, context);
	if (wish.kind === 'deleted') return noteDeletion(moment, wish, context);
	if (wish.kind === 'restore') return decideRestore(moment, wish, context);
	if (moment.state.isSealed) {
		throw new Refusal('sealed', 'This incident is closed. Reopen it to log more.');
	}
	const id = moment.id() as EntryId;
	return { facts: [loggedFact(id, context)], entry: { id, entry: wish.entry } };
}

function decideRestore(
	{ state, facts }: Moment,
	{ version, update, removals }: Extract<Wish, { kind: 'restore' }>,
	context: Context,
): Decision {
	if (facts.filter(isRemoval).length !== removals) {
		throw new Refusal('conflict', 'Something was removed for good meanwhile. Restore it again.');
	}
	if (state.isSealed) {
		throw new Refusal('sealed', 'It is closed or published. Open it again to restore something.');
	}
	const fact = factOf(context, { kind: 'restored', ...version });
	return { facts: [fact], entry: null, restoring: update };
}

function decideOnRetro(
	{ facts, written }: Moment,
	{ command, incidentTurn }: Extract<Wish, { kind: 'retro' }>,
	context: Context,
): Decision {
	const decided = decideRetro(foldRetro(facts), command, {
		...{ ...context, incidentTurn, written: written() },
	});
	if (decided instanceof Refusal) throw decided;
	return { facts: decided, entry: null };
}

/** Of one person's deletions in a short time the first is told: the version before it has everything. */
function noteDeletion(
	{ state, now }: Moment,
	{ deletion, at }: Extract<Wish, { kind: 'deleted' }>,
	context: Context,
): Decision {
	const last = state.deletion;
	const isTold =
		last !== null &&
		last.by === context.by &&
		now - last.at < limits.deletionPauseMs &&
		deletion.parts.every((part) => last.parts.includes(part));
	if (isTold) return { facts: [], entry: null };
	return { facts: [factOf(context, { kind: 'deleted', ...deletion }, at)], entry: null };
}

/** A claim to a role that comes too late is refused, yet stays on record. */
function decideCommand(moment: Moment, command: Command, context: Context): Decision {
	const decided = decide(moment.state, command, context);
	if (!(decided instanceof Refusal)) return { facts: decided, entry: null };
	const claim = lostClaim(moment, command, context);
	if (!claim) throw decided;
	return { facts: [claim], entry: null, refusal: decided };
}

function firstOutcome(facts: readonly Fact[], print: string | undefined): Outcome {
	if (facts[0]?.print !== print) {
		throw new Refusal('conflict', 'This key was used for another request.', 'idempotencyKey');
	}
	if (facts[0]?.kind === 'claimed') {
		throw new Refusal('conflict', 'Somebody else was faster and has this role.', 'role');
	}
	const logged = facts.find((fact) => fact.kind === 'logged');
	return { facts, entry: logged?.kind === 'logged' ? logged.entry : null, isRepeat: true };
}
