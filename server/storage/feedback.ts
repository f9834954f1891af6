import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { FeedbackPlace, FeedbackQuestion } from '#core/learning/feedback.ts';
import type { Access } from '#core/response/access.ts';
import { replaced } from './needles.ts';

/** Nobody else answers or looks at an incident's feedback until the transaction ends. False without such an incident. */
export async function lockFeedback(tx: TransactionSql, incident: IncidentId): Promise<boolean> {
	await tx`
		insert into feedback (incident) select id from incidents where id = ${incident}
		on conflict do nothing`;
	const rows = await tx`select from feedback where incident = ${incident} for update`;
	return rows.length > 0;
}

/**
 * Who took part in an incident: people of here who were in its room before it was closed and have one of
 * these accesses. Nobody while it is not closed.
 */
export async function readParticipants(
	sql: ISql,
	incident: IncidentId,
	accesses: readonly Access[],
): Promise<readonly PersonId[]> {
	const rows = await sql<{ person: PersonId }[]>`
		select distinct a.person
		from attendance a
		join documents d on d.incident = a.incident and d.kind = 'room'
		join people p on p.id = a.person
		where a.incident = ${incident} and a.entered_at < d.sealed_at
			and p.kind = 'user' and p.removed_at is null and p.access = any(${[...accesses]}::text[])`;
	return rows.map(({ person }) => person);
}

/** Who of some people has answered. */
export async function readGiven(sql: ISql, incident: IncidentId): Promise<readonly PersonId[]> {
	const rows = await sql<{ person: PersonId }[]>`
		select person from feedback_given where incident = ${incident}`;
	return rows.map(({ person }) => person);
}

/** The digest of the key under which somebody has answered; null for an answer without one, or none. */
export async function readGivenKey(
	sql: ISql,
	incident: IncidentId,
	person: PersonId,
): Promise<string | null> {
	const [row] = await sql<{ keyPrint: string | null }[]>`
		select key_print as "keyPrint" from feedback_given
		where incident = ${incident} and person = ${person}`;
	return row?.keyPrint ?? null;
}

/** When an incident was closed (epoch ms), and whether the sum of its feedback was shown. */
export async function readFeedbackMarks(
	sql: ISql,
	incident: IncidentId,
): Promise<Pick<FeedbackPlace, 'closedAt' | 'isShown'>> {
	const [row] = await sql<Pick<FeedbackPlace, 'closedAt' | 'isShown'>[]>`
		select (extract(epoch from d.sealed_at) * 1000)::int8 as "closedAt",
			coalesce(f.is_shown, false) as "isShown"
		from documents d left join feedback f using (incident)
		where d.incident = ${incident} and d.kind = 'room'`;
	return row ?? { closedAt: null, isShown: false };
}

/** From now on nothing is added to an incident's feedback. */
export async function markShown(tx: TransactionSql, incident: IncidentId): Promise<void> {
	await tx`update feedback set is_shown = true where incident = ${incident} and not is_shown`;
}

/** What somebody answered, with nothing that says who, unless they want their name at the line. */
export interface FeedbackAnswer {
	readonly scores: Readonly<Record<FeedbackQuestion, number>>;
	readonly line: {
		readonly id: string;
		readonly text: string;
		readonly author: PersonId | null;
	} | null;
}

/**
 * Keeps that somebody has answered, and apart from that what was answered. Every row of the incident is
 * written anew, sorted by what is random or says nothing: neither the order of rows nor the transaction that
 * wrote them tells what came last. The feedback must be locked.
 */
export async function writeFeedback(
	tx: TransactionSql,
	incident: IncidentId,
	{ answer, ...given }: Given & { readonly answer: FeedbackAnswer },
): Promise<void> {
	await addGiven(tx, incident, given);
	await addScores(tx, incident, answer.scores);
	await addLine(tx, incident, answer.line);
}

/** That somebody has answered, under a key of which this is a digest. */
interface Given {
	readonly person: PersonId;
	readonly keyPrint: string;
}

async function addGiven(tx: TransactionSql, incident: IncidentId, given: Given): Promise<void> {
	const before = await tx<{ person: PersonId; keyPrint: string | null }[]>`
		delete from feedback_given where incident = ${incident}
		returning person, key_print as "keyPrint"`;
	await tx`
		insert into feedback_given (incident, person, key_print)
		select ${incident}, person, "keyPrint"
		from jsonb_to_recordset(${JSON.stringify([...before, given])}::text::jsonb)
			as given (person uuid, "keyPrint" text)
		order by person`;
}

async function addScores(
	tx: TransactionSql,
	incident: IncidentId,
	scores: FeedbackAnswer['scores'],
): Promise<void> {
	const before = await tx<{ question: string; score: number; count: number }[]>`
		delete from feedback_scores where incident = ${incident} returning question, score, count`;
	const given = Object.entries(scores).map(([question, score]) => ({ question, score, count: 1 }));
	await tx`
		insert into feedback_scores (incident, question, score, count)
		select ${incident}, question, score, sum(count)::int
		from jsonb_to_recordset(${JSON.stringify([...before, ...given])}::text::jsonb)
			as given (question text, score smallint, count integer)
		group by question, score order by question, score`;
}

async function addLine(
	tx: TransactionSql,
	incident: IncidentId,
	line: FeedbackAnswer['line'],
): Promise<void> {
	const before = await tx<{ id: string; line: string; author: PersonId | null }[]>`
		delete from feedback_lines where incident = ${incident} returning id, line, author`;
	const added = line ? [{ id: line.id, line: line.text, author: line.author }] : [];
	await tx`
		insert into feedback_lines (incident, id, line, author)
		select ${incident}, id, line, author
		from jsonb_to_recordset(${JSON.stringify([...before, ...added])}::text::jsonb)
			as given (id uuid, line text, author uuid)
		order by id`;
}

/** How often each score was given to each question. */
export async function readScores(
	sql: ISql,
	incident: IncidentId,
): Promise<
	readonly { readonly question: FeedbackQuestion; readonly score: number; readonly count: number }[]
> {
	return sql<{ question: FeedbackQuestion; score: number; count: number }[]>`
		select question, score, count from feedback_scores
		where incident = ${incident} order by question, score`;
}

/** The lines that people added, in an order that tells nothing; null for who wants to be anonymous. */
export async function readLines(
	sql: ISql,
	incident: IncidentId,
): Promise<readonly { readonly line: string; readonly author: PersonId | null }[]> {
	return sql<{ line: string; author: PersonId | null }[]>`
		select line, author from feedback_lines where incident = ${incident} order by id`;
}

/** Takes a text out of what people answered about an incident, for good; gives how many lines held it. */
export async function removeFromFeedback(
	tx: TransactionSql,
	incident: IncidentId,
	needle: string,
): Promise<number> {
	const rows = await tx`
		update feedback_lines set line = ${replaced(tx, 'line', needle)}
		where incident = ${incident} and strpos(line, ${needle}) > 0 returning id`;
	return rows.length;
}
