import { createHash, randomUUID } from 'node:crypto';
import type { ISql, Sql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import {
	feedbackQuestions,
	feedbackScoreNames,
	feedbackState,
	mayNameAuthors,
	meanScore,
	type FeedbackPlace,
	type FeedbackQuestion,
	type FeedbackRequest,
	type FeedbackState,
} from '#core/learning/feedback.ts';
import { Refusal } from '#core/refusal.ts';
import { accesses, may, type Person } from '#core/response/access.ts';
import { limits } from '#server/limits.ts';
import {
	lockFeedback,
	markShown,
	readFeedbackMarks,
	readGiven,
	readGivenKey,
	readLines,
	readParticipants,
	readScores,
	writeFeedback,
} from '#server/storage/feedback.ts';

/** What people answered, together: nothing in it can be led back to one of them. */
export interface FeedbackSum {
	readonly answers: number;
	readonly questions: readonly {
		readonly question: FeedbackQuestion;
		readonly mean: number;
		/** How often each score was given, from 0 on. */
		readonly counts: readonly number[];
	}[];
	readonly lines: readonly { readonly line: string; readonly author: PersonId | null }[];
}

/** What somebody sees of an incident's feedback. */
export interface SeenFeedback {
	readonly state: FeedbackState;
	/** Whether I am asked, have answered, or did not take part. */
	readonly mine: 'asked' | 'given' | 'notAsked';
	/** Until when people are asked, epoch ms; null while the incident is not closed. */
	readonly until: number | null;
	readonly sum: FeedbackSum | null;
}

/** An answer under a key that tells its repetitions: what it says is compared with nothing, as nobody keeps that. */
export type KeyedFeedback = FeedbackRequest & { readonly idempotencyKey: string };

interface Standing extends FeedbackPlace {
	readonly state: FeedbackState;
	readonly participates: boolean;
	readonly hasGiven: boolean;
}

const rules = { askedMs: limits.feedbackMs, least: limits.feedbackLeast };

interface FeedbackLook {
	readonly person: Person;
	readonly now: number;
	/** Whether they want the sum, once it is shown: where it stands alone ends nothing. */
	readonly seesSum: boolean;
}

/**
 * What somebody sees at an instant (epoch ms). Whoever sees the sum first ends the answering: a sum that grew
 * by one would tell that one.
 */
export async function lookAtFeedback(
	sql: Sql,
	incident: IncidentId,
	{ person, now, seesSum }: FeedbackLook,
): Promise<SeenFeedback> {
	return sql.begin(async (tx): Promise<SeenFeedback> => {
		if (!(await lockFeedback(tx, incident))) throw unknown();
		const standing = await standingOf(tx, incident, { person: person.id, now });
		const { state, closedAt, hasGiven, participates } = standing;
		const isShown = state === 'shown' && seesSum;
		if (isShown) await markShown(tx, incident);
		return {
			state,
			mine: hasGiven ? 'given' : participates && state === 'asking' ? 'asked' : 'notAsked',
			until: closedAt === null ? null : closedAt + rules.askedMs,
			sum: isShown ? await sumOf(tx, incident) : null,
		};
	});
}

/** Takes somebody's answer, once; false if this very request was taken before, by its key. Throws a `Refusal`. */
export async function giveFeedback(
	sql: Sql,
	incident: IncidentId,
	{
		by,
		request,
		now,
	}: { readonly by: Person; readonly request: KeyedFeedback; readonly now: number },
): Promise<boolean> {
	const { scores, line, isNamed = false, idempotencyKey: key } = request;
	const keyPrint = createHash('sha256').update(`${incident} ${by.id} ${key}`).digest('hex');
	return sql.begin(async (tx) => {
		if (!(await lockFeedback(tx, incident))) throw unknown();
		if ((await readGivenKey(tx, incident, by.id)) === keyPrint) return false;
		const standing = await standingOf(tx, incident, { person: by.id, now });
		refuse(standing);
		const kept =
			line === undefined ? null : { id: randomUUID(), text: line, author: isNamed ? by.id : null };
		const answer = { scores, line: kept };
		await writeFeedback(tx, incident, { person: by.id, keyPrint, answer });
		return true;
	});
}

function unknown(): Refusal {
	return new Refusal('unknown', 'There is no such incident.');
}

function refuse({ state, participates, hasGiven }: Standing): void {
	if (state === 'notClosed') {
		throw new Refusal('conflict', 'Feedback begins once the incident is closed.');
	}
	if (hasGiven) {
		throw new Refusal(
			'conflict',
			'You have answered already. Nobody can tell which answer is yours, so it cannot be changed.',
		);
	}
	if (state === 'tooFewTookPart') {
		throw new Refusal('conflict', whyTooFewTookPart);
	}
	if (state !== 'asking') throw new Refusal('conflict', 'The time for answers is over.');
	if (!participates) {
		throw new Refusal('forbidden', 'Only those who were in the room are asked for feedback.');
	}
}

const whyTooFewTookPart =
	'Fewer than three people took part. The sum of so few would give each of them away, so nobody is asked.';

async function standingOf(
	sql: ISql,
	incident: IncidentId,
	{ person, now }: { readonly person: PersonId; readonly now: number },
): Promise<Standing> {
	const marks = await readFeedbackMarks(sql, incident);
	const writing = accesses.filter((access) => may({ ...nobody, access }, 'learn', null));
	const participants = await readParticipants(sql, incident, writing);
	const given = await readGiven(sql, incident);
	const place = {
		...marks,
		participants: participants.length,
		haveAllAnswered: participants.every((one) => given.includes(one)),
		answers: given.length,
	};
	return {
		...place,
		state: feedbackState(place, rules, now),
		participates: participants.includes(person),
		hasGiven: given.includes(person),
	};
}

const nobody = { id: '' as PersonId, name: '', kind: 'user' } as const;

async function sumOf(sql: ISql, incident: IncidentId): Promise<FeedbackSum> {
	const [scores, lines] = [await readScores(sql, incident), await readLines(sql, incident)];
	const questions = feedbackQuestions.map((question) => {
		const counts = feedbackScoreNames.map(
			(_name, score) =>
				scores.find((one) => one.question === question && one.score === score)?.count ?? 0,
		);
		return { question, counts, mean: meanScore(counts) ?? 0 };
	});
	const answers = questions[0]?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
	const named = lines.filter(({ author }) => author !== null).length;
	const shows = mayNameAuthors({ answers, named }, rules.least);
	return {
		answers,
		questions,
		lines: lines.map(({ line, author }) => ({ line, author: shows ? author : null })),
	};
}
