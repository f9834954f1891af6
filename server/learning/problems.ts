import type { Sql, TransactionSql } from 'postgres';
import type { NameOf } from '#core/incident/reading.ts';
import type { ProblemChange, ProblemRequest } from '#core/learning/problems.ts';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { refuseUnable } from '#server/auth/refuseUnable.ts';
import { askerOf } from '#server/incidents/asker.ts';
import {
	deleteProblem,
	findMadeProblem,
	insertProblem,
	lockProblem,
	readProblems,
	updateProblem,
	type Problem,
} from '#server/storage/problems.ts';
import { definedOf, overtaken, refuseOtherRequest } from './editing.ts';

/** What problems stand on. */
export interface ProblemParts {
	readonly sql: Sql;
	readonly nameOf: NameOf;
}

/** Adds a problem; a repetition under the same key gives the first one. Throws a `Refusal`. */
export async function addProblem(
	{ sql }: ProblemParts,
	by: Person,
	request: ProblemRequest,
): Promise<{ readonly number: number; readonly isRepeat: boolean }> {
	const { key = null, print = null } = askerOf(by, 'problem', request);
	await refuseUnable(sql, request.owner, { field: 'owner' });
	const { title, cause = null, description = '', state = 'investigating', owner = null } = request;
	const fields = { title, cause, description, state, owner };
	const number = await insertProblem(sql, fields, { by: by.id, key, print });
	if (number !== null) return { number, isRepeat: false };
	const before = key === null ? null : await findMadeProblem(sql, by.id, key);
	if (!before) throw new Error('A problem that was made under a key is not there.');
	refuseOtherRequest(before.print, print);
	return { number: before.number, isRepeat: true };
}

/**
 * Changes a problem. Who saw an older one than there is now is refused, unless it is already as they want
 * it. Throws a `Refusal`.
 */
export async function changeProblem(
	{ sql, nameOf }: ProblemParts,
	by: Person,
	{ number, change }: { readonly number: number; readonly change: ProblemChange },
): Promise<void> {
	const { expects, ...wanted } = change;
	await refuseUnable(sql, wanted.owner, { field: 'owner' });
	await sql.begin(async (tx) => {
		const before = await lockedProblem(tx, number);
		const after = { ...before, ...definedOf(wanted) };
		if (fields.every((field) => before[field] === after[field])) return;
		if (expects !== undefined && expects !== before.version) {
			throw overtaken('problem', nameOf(before.changedBy));
		}
		await updateProblem(tx, number, { ...after, by: by.id });
	});
}

const fields = ['title', 'cause', 'description', 'state', 'owner'] as const;

/** Deletes a problem that no incident belongs to. Throws a `Refusal`. */
export async function removeProblem({ sql }: ProblemParts, number: number): Promise<void> {
	await sql.begin(async (tx) => {
		const { incidents } = await lockedProblem(tx, number);
		if (incidents > 0) {
			throw new Refusal('conflict', 'Incidents belong to this problem. Take them out of it first.');
		}
		await deleteProblem(tx, number);
	});
}

/** A problem that nobody else changes until the transaction ends. Throws a `Refusal` if there is none. */
export async function lockedProblem(tx: TransactionSql, number: number): Promise<Problem> {
	await lockProblem(tx, number);
	return readProblem(tx, number);
}

/** One problem. Throws a `Refusal` if there is none of this number. */
export async function readProblem(
	sql: Parameters<typeof readProblems>[0],
	number: number,
): Promise<Problem> {
	const [problem] = await readProblems(sql, { number }, 1);
	if (!problem) throw unknownProblem();
	return problem;
}

/** What is said of a problem that is not there. */
export function unknownProblem(): Refusal {
	return new Refusal('unknown', 'There is no such problem.');
}
