import * as z from 'zod/mini';
import { key, sentenceUpTo } from '../wire.ts';

/** What everybody who took part is asked after an incident was closed. */
export const feedbackQuestions = ['detection', 'roles', 'again'] as const;
export type FeedbackQuestion = (typeof feedbackQuestions)[number];

export const feedbackQuestionTexts: Readonly<Record<FeedbackQuestion, string>> = {
	detection: 'Did we find out soon enough?',
	roles: 'Did everybody know what to do?',
	again: 'Would you handle the next one the same way?',
};

/** The scores, from 0 on. */
export const feedbackScoreNames = ['Not at all', 'A little', 'Partly', 'Mostly', 'Fully'] as const;

/** The longest line that somebody may add, in UTF-16 units. */
export const longestFeedbackLine = 500;

const score = z
	.int({ error: 'A score is 0, 1, 2, 3 or 4.' })
	.check(
		z.minimum(0, 'A score is 0, 1, 2, 3 or 4.'),
		z.maximum(feedbackScoreNames.length - 1, 'A score is 0, 1, 2, 3 or 4.'),
	);

/** `POST /api/v1/incidents/{id}/feedback` */
export const feedbackRequest = z.strictObject({
	scores: z.strictObject({ detection: score, roles: score, again: score }),
	line: z.optional(sentenceUpTo(longestFeedbackLine)),
	/** Whether the line may stand under one's name. */
	isNamed: z.optional(z.boolean()),
	idempotencyKey: z.optional(key),
});
export type FeedbackRequest = z.infer<typeof feedbackRequest>;

/** Where an incident's feedback stands. */
export interface FeedbackPlace {
	/** When the incident was closed, epoch ms; null while it is not. */
	readonly closedAt: number | null;
	/** How many people took part, and whether all of them have answered. */
	readonly participants: number;
	readonly haveAllAnswered: boolean;
	/** How many answers there are. No reader is told before the sum is shown. */
	readonly answers: number;
	/** Whether somebody has seen the sum: from then on nothing is added. */
	readonly isShown: boolean;
}

/** How long people are asked, and from how many answers on their sum is shown. */
export interface FeedbackRules {
	readonly askedMs: number;
	readonly least: number;
}

/** What is to be seen: nothing while answers may come, then the sum if it gives nobody away. */
export type FeedbackState = 'notClosed' | 'tooFewTookPart' | 'asking' | 'tooFewAnswered' | 'shown';

/** What is to be seen of an incident's feedback at an instant, epoch ms. */
export function feedbackState(
	place: FeedbackPlace,
	{ askedMs, least }: FeedbackRules,
	now: number,
): FeedbackState {
	if (place.isShown) return 'shown';
	if (place.closedAt === null) return 'notClosed';
	const isOver = now >= place.closedAt + askedMs;
	const isComplete = isOver || (place.haveAllAnswered && place.answers >= least);
	if (isComplete) return place.answers >= least ? 'shown' : 'tooFewAnswered';
	return place.participants < least ? 'tooFewTookPart' : 'asking';
}

/** Whether names may stand at lines: where so few hide among the unnamed that each could be told, none does. */
export function mayNameAuthors(
	{ answers, named }: { readonly answers: number; readonly named: number },
	least: number,
): boolean {
	const unnamed = answers - named;
	return unnamed === 0 || unnamed >= least;
}

/** The mean of scores, given how often each was given; null for none. */
export function meanScore(counts: readonly number[]): number | null {
	const answers = counts.reduce((sum, count) => sum + count, 0);
	const sum = counts.reduce((all, count, score) => all + count * score, 0);
	return answers === 0 ? null : sum / answers;
}
