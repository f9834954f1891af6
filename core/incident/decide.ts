import type { EntryId, FactId, PersonId } from '../ids.ts';
import { Refusal } from '../refusal.ts';
import type { Command, DeclareRequest } from '../wire.ts';
import { tooLate } from './expects.ts';
import type { RecordState } from './fold.ts';
import { whyNot, whyNotReopen, type Milestone, type Status } from './lifecycle.ts';
import type { NameOf } from './reading.ts';
import type { Fact, FactBody } from './record.ts';
import { roleNames, type Role } from './roles.ts';

/** Who decides, when, and where names and ids come from. */
export interface Context {
	/** Epoch ms. */
	readonly now: number;
	readonly by: PersonId;
	readonly id: () => string;
	readonly nameOf: NameOf;
	readonly key?: string;
	readonly print?: string;
}

/** Makes a fact of its body; `occurredAt` is now unless somebody claims another time. */
export function factOf(context: Context, body: FactBody, occurredAt = context.now): Fact {
	return {
		...body,
		id: context.id() as FactId,
		by: context.by,
		recordedAt: context.now,
		occurredAt,
		...(context.key === undefined ? {} : { key: context.key }),
		...(context.print === undefined ? {} : { print: context.print }),
	};
}

/** The first facts of an incident. Its declarer commands until somebody takes it. */
export function declare(
	input: Pick<DeclareRequest, 'title' | 'severity' | 'kind' | 'origin' | 'services'> & {
		number: number;
	},
	context: Context,
): readonly Fact[] {
	const origin = input.origin ?? 'live';
	const bodies: FactBody[] = [
		{
			kind: 'declared',
			title: input.title,
			number: input.number,
			incidentKind: input.kind ?? 'incident',
			origin,
		},
	];
	if (input.severity) bodies.push({ kind: 'severity', severity: input.severity });
	const { services = [] } = input;
	if (services.length > 0) bodies.push({ kind: 'services', services });
	bodies.push({ kind: 'status', status: 'investigating' });
	if (origin === 'live') {
		bodies.push({ kind: 'role', role: 'commander', person: context.by, acting: true });
	}
	return bodies.map((body) => factOf(context, body));
}

/** The fact that says who logged an entry, and when the server had it. */
export function loggedFact(
	entry: EntryId,
	context: Context,
	source: { recordedAs?: string; localTime?: string; late?: true } = {},
): Fact {
	return factOf(context, { kind: 'logged', entry, ...source });
}

/** What an earlier request of the same person under the same key wrote. */
export function factsWithKey(facts: readonly Fact[], key: string, by: PersonId): readonly Fact[] {
	return facts.filter((fact) => fact.key === key && fact.by === by);
}

/**
 * Decides a command: the facts that it makes (none if nothing changes), or a refusal with a
 * sentence for the sender. Nothing is written here.
 */
export function decide(
	state: RecordState,
	command: Command,
	context: Context,
): readonly Fact[] | Refusal {
	const late = tooLate(state, command, context);
	if (late) return late;
	const body = bodyOf(state, command, context);
	if (body === null) return [];
	if (state.isSealed && command.type !== 'setMilestone' && command.type !== 'reopen') {
		return new Refusal('sealed', 'This incident is closed. Reopen it to change it.');
	}
	return body instanceof Refusal ? body : [factOf(context, body)];
}

/**
 * What stays on record when somebody wanted a role for themselves and was refused because another
 * was faster: both claims are known, one person holds the role. Null if it was nothing of the kind,
 * or is on record already.
 */
export function lostClaim(
	{ facts, state }: { readonly facts: readonly Fact[]; readonly state: RecordState },
	command: Command,
	context: Context,
): Fact | null {
	const isClaim =
		command.type === 'takeRole' || (command.type === 'assignRole' && command.person === context.by);
	if (!isClaim || state.isSealed) return null;
	const holder = state.roles[command.role];
	if (!holder || holder.acting || holder.person === context.by) return null;
	const { role } = command;
	const given = facts.findLastIndex((fact) => fact.kind === 'role' && fact.role === role);
	const isKnown = facts
		.slice(given)
		.some((fact) => fact.kind === 'claimed' && fact.role === role && fact.by === context.by);
	return isKnown ? null : factOf(context, { kind: 'claimed', role });
}

/** The fact's body, null if the command changes nothing, or why not. */
function bodyOf(state: RecordState, command: Command, context: Context): FactBody | Refusal | null {
	switch (command.type) {
		case 'rename':
			return command.title === state.title ? null : { kind: 'renamed', title: command.title };
		case 'setSeverity':
			if (command.severity === state.severity) return null;
			return { kind: 'severity', severity: command.severity };
		case 'setServices':
			return setServices(state, command.services);
		case 'setStatus':
			return statusOf(state, command.status);
		case 'close':
			return statusOf(state, 'closed');
		case 'takeRole':
			return takeRole(state, command.role, context);
		case 'assignRole':
			return holds(state, command.role, command.person)
				? null
				: { kind: 'role', role: command.role, person: command.person };
		case 'releaseRole':
			return state.roles[command.role] && { kind: 'role', role: command.role, person: null };
		case 'setMilestone':
			return setMilestone(state, command, context);
		case 'link':
			return { kind: 'link', url: command.url, title: command.title ?? command.url };
		case 'reopen':
			return reopen(state);
		default:
			return command satisfies never;
	}
}

function statusOf(state: RecordState, status: Status): FactBody | Refusal | null {
	if (status === state.status) return null;
	const reason = whyNot(state.status, status);
	return reason === null ? { kind: 'status', status } : new Refusal('conflict', reason, 'status');
}

function setServices(state: RecordState, services: readonly string[]): FactBody | null {
	const isSame =
		services.length === state.services.length &&
		services.every((service, i) => service === state.services[i]);
	return isSame ? null : { kind: 'services', services };
}

function reopen(state: RecordState): FactBody | Refusal {
	const reason = whyNotReopen(state.status);
	return reason === null ? { kind: 'reopened' } : new Refusal('conflict', reason);
}

function holds(state: RecordState, role: Role, person: PersonId): boolean {
	const holder = state.roles[role];
	return holder?.person === person && !holder.acting;
}

function takeRole(state: RecordState, role: Role, context: Context): FactBody | Refusal | null {
	const holder = state.roles[role];
	if (holds(state, role, context.by)) return null;
	if (holder && !holder.acting) {
		const name = context.nameOf(holder.person);
		return new Refusal('conflict', `${name} is ${roleNames[role]} already.`, 'role');
	}
	return { kind: 'role', role, person: context.by };
}

function setMilestone(
	state: RecordState,
	command: { milestone: Milestone; at: number | null },
	context: Context,
): FactBody | Refusal | null {
	const before = state.milestones[command.milestone];
	if ((before?.at ?? null) === command.at) return null;
	const tolerance = 5 * 60_000;
	if (command.at !== null && command.at > context.now + tolerance) {
		return new Refusal('invalid', 'This time is in the future.', 'at');
	}
	if (command.milestone === 'declared' && command.at === null && state.origin === 'live') {
		return new Refusal('invalid', 'An incident was always declared at some time.', 'at');
	}
	return {
		kind: 'milestone',
		milestone: command.milestone,
		at: command.at,
		...(before ? { corrects: before.fact } : {}),
	};
}
