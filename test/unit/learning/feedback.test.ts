import { expect, test } from 'vitest';
import {
	feedbackState,
	mayNameAuthors,
	meanScore,
	type FeedbackPlace,
	type FeedbackState,
} from '#core/learning/feedback.ts';

const day = 86_400_000;
const rules = { askedMs: 14 * day, least: 3 };
const closed: FeedbackPlace = {
	closedAt: 0,
	participants: 5,
	haveAllAnswered: false,
	answers: 0,
	isShown: false,
};

test.each<[string, Partial<FeedbackPlace> & { now: number }, FeedbackState]>([
	[
		'of an open incident',
		{ closedAt: null, answers: 5, haveAllAnswered: true, now: day },
		'notClosed',
	],
	[
		'of two who took part',
		{ participants: 2, answers: 2, haveAllAnswered: true, now: day },
		'tooFewTookPart',
	],
	['before all have answered', { answers: 4, now: day }, 'asking'],
	['once all have answered', { answers: 5, haveAllAnswered: true, now: day }, 'shown'],
	['in the last millisecond', { answers: 4, now: 14 * day - 1 }, 'asking'],
	['after two weeks', { answers: 3, now: 14 * day }, 'shown'],
	['after two weeks with two answers', { answers: 2, now: 14 * day }, 'tooFewAnswered'],
	['once it was shown, though reopened', { closedAt: null, isShown: true, now: day }, 'shown'],
])('the feedback %s is as it should be', (_when, { now, ...place }, state) => {
	expect(feedbackState({ ...closed, ...place }, rules, now)).toBe(state);
});

test('names stand at lines only where nobody hides among fewer than three', () => {
	const may = (answers: number, named: number) => mayNameAuthors({ answers, named }, 3);
	expect([may(3, 3), may(3, 2), may(3, 1), may(3, 0), may(5, 2), may(5, 3)]).toEqual([
		...[true, false, false, true, true, false],
	]);
});

test('the mean is over the answers that there are', () => {
	expect(meanScore([1, 0, 0, 0, 1])).toBe(2);
	expect(meanScore([0, 0, 0, 0, 0])).toBeNull();
});
