import type { FactId, PersonId } from '../ids.ts';
import { factOf, type Context } from '../incident/decide.ts';
import type { Fact } from '../incident/record.ts';
import { Refusal } from '../refusal.ts';
import { approvedBy, missingOf } from './approvals.ts';
import type { RetroCommand } from './commands.ts';
import type { RetroFactBody } from './facts.ts';
import type { Comment, RetroState } from './state.ts';

/** What decides about a retrospective beside its own state. */
export interface RetroContext extends Context {
	/** The last turn of the incident's room: what is published now shows the incident as of it. */
	readonly incidentTurn: number;
	/** How much is written (`writtenIn`): who approves, approves this text. */
	readonly written: number;
}

/**
 * Decides a command about a retrospective: the facts that it makes (none if nothing changes), or a
 * refusal with a sentence for the sender.
 */
export function decideRetro(
	state: RetroState,
	command: RetroCommand,
	context: RetroContext,
): readonly Fact[] | Refusal {
	const body = bodyOf(state, command, context);
	if (body === null) return [];
	return body instanceof Refusal ? body : [factOf(context, body)];
}

function bodyOf(
	state: RetroState,
	command: RetroCommand,
	context: RetroContext,
): RetroFactBody | Refusal | null {
	switch (command.type) {
		case 'setOwner':
			return setOwner(state, command, context);
		case 'setDue':
			return command.at === state.due ? null : { kind: 'due', at: command.at };
		case 'setReviewers':
			return setReviewers(state, command.people);
		case 'submit':
			return submit(state);
		case 'approve':
			return approve(state, context, command.written);
		case 'return':
			if (state.stage !== 'inReview') return onlyInReview();
			return { kind: 'returned', reason: command.reason };
		case 'publish':
			return publish(state, context);
		case 'revise':
			if (state.stage === 'published') return { kind: 'revised' };
			return new Refusal('conflict', 'This version is not published yet: go on writing it.');
		case 'nameVersion':
			return { kind: 'versionNamed', name: command.name };
		case 'comment':
			return comment(state, command);
		case 'resolveComment':
			return resolve(state, command);
		default:
			return command satisfies never;
	}
}

function setOwner(
	state: RetroState,
	{ person, expects }: Extract<RetroCommand, { type: 'setOwner' }>,
	{ nameOf }: RetroContext,
): RetroFactBody | Refusal | null {
	if (person === state.owner) return null;
	if (expects !== undefined && expects !== state.owner) {
		const owner = state.owner === null ? 'Nobody' : nameOf(state.owner);
		return new Refusal('conflict', `${owner} owns it by now.`, 'expects');
	}
	return { kind: 'owner', person };
}

function setReviewers(
	state: RetroState,
	given: readonly PersonId[],
): RetroFactBody | Refusal | null {
	const people = [...new Set(given)];
	if (people.join() === state.reviewers.join()) return null;
	if (state.stage === 'inReview' && people.length === 0) {
		return new Refusal('invalid', 'It is in review: somebody has to review it.', 'people');
	}
	return { kind: 'reviewers', people };
}

function submit(state: RetroState): RetroFactBody | Refusal | null {
	if (state.stage === 'inReview') return null;
	if (state.stage === 'published') return published();
	if (state.owner === null) return new Refusal('conflict', 'Say first who owns it.', 'owner');
	if (state.reviewers.length === 0) {
		return new Refusal('conflict', 'Name at least one reviewer first.', 'reviewers');
	}
	return { kind: 'submitted' };
}

function approve(
	state: RetroState,
	{ by, written }: RetroContext,
	read = written,
): RetroFactBody | Refusal | null {
	if (state.stage !== 'inReview') return onlyInReview();
	if (!state.reviewers.includes(by)) {
		return new Refusal('forbidden', 'You are not one of its reviewers.');
	}
	if (read !== written) {
		return new Refusal('conflict', 'It was changed just now. Read it again before you approve it.');
	}
	return approvedBy(state.approvals, written).includes(by) ? null : { kind: 'approved', written };
}

function publish(state: RetroState, context: RetroContext): RetroFactBody | Refusal | null {
	if (state.stage === 'published') return null;
	if (state.stage === 'draft') {
		return new Refusal('conflict', 'Ask for its review first.');
	}
	const missing = missingOf(state, context.written);
	if (missing.length > 0) {
		const names = missing.map((person) => {
			const isEarlier = state.approvals.some(({ by }) => by === person);
			return `${context.nameOf(person)}${isEarlier ? ' (only an earlier text)' : ''}`;
		});
		const sentence = `Not everybody has approved it: ${names.join(', ')}.`;
		return new Refusal('conflict', sentence, 'reviewers');
	}
	const version = (state.versions.at(-1)?.version ?? 0) + 1;
	return { kind: 'published', version, incidentTurn: context.incidentTurn };
}

function comment(
	state: RetroState,
	{ text, anchor, answers }: Extract<RetroCommand, { type: 'comment' }>,
): RetroFactBody | Refusal {
	const answered = answers === undefined ? null : find(state, answers);
	if (answers !== undefined && !answered) return noComment('answers');
	// Answers to an answer stand with the first comment.
	const first = answered?.answers ?? answered?.id;
	return {
		kind: 'commented',
		text,
		...(anchor ? { anchor } : {}),
		...(first ? { answers: first } : {}),
	};
}

function resolve(
	state: RetroState,
	{ comment: id, isResolved }: Extract<RetroCommand, { type: 'resolveComment' }>,
): RetroFactBody | Refusal | null {
	const found = find(state, id);
	if (!found) return noComment('comment');
	if (found.isResolved === isResolved) return null;
	return { kind: 'commentResolved', comment: found.id, isResolved };
}

function find(state: RetroState, id: string): Comment | null {
	return state.comments.find((one) => one.id === (id as FactId)) ?? null;
}

function noComment(field: string): Refusal {
	return new Refusal('invalid', 'There is no such comment.', field);
}

function onlyInReview(): Refusal {
	return new Refusal('conflict', 'It is not in review.');
}

function published(): Refusal {
	return new Refusal('sealed', 'This version is published. Revise it to write a further one.');
}
