import type { EntryId, FactId, FindingId, PersonId } from '#core/ids.ts';
import type { Block } from '#core/incident/notes.ts';
import type { FindingKind } from '#core/retro/flags.ts';
import type { Retro } from '#core/retro/reading.ts';
import type { Comment, Stage } from '#core/retro/state.ts';

interface Named {
	readonly id: string;
	readonly name: string;
}

/** The answer of `GET /api/v1/incidents/{id}/retro`, as far as its page uses it. */
export interface ApiRetro {
	readonly stage: Stage;
	readonly owner: Named | null;
	readonly due: string | null;
	readonly begunAt: string | null;
	readonly reviewers: readonly Named[];
	readonly approved: readonly Named[];
	readonly approvedEarlier: readonly Named[];
	readonly returned: { readonly by: Named; readonly reason: string } | null;
	readonly versions: readonly {
		readonly version: number;
		readonly by: Named;
		readonly at: string;
		readonly incidentTurn: number;
	}[];
	readonly named: readonly {
		readonly fact: string;
		readonly name: string;
		readonly by: Named;
		readonly at: string;
	}[];
	readonly comments: readonly ApiComment[];
	readonly report: readonly Block[];
	readonly findings: readonly {
		readonly id: string;
		readonly kind: FindingKind;
		readonly text: string;
		readonly causes: readonly string[];
		readonly entries: readonly string[];
		readonly moments: readonly string[];
		readonly order: string;
	}[];
}

interface ApiComment {
	readonly id: string;
	readonly by: Named;
	readonly at: string;
	readonly text: string;
	readonly anchor: Comment['anchor'];
	readonly answers: string | null;
	readonly isResolved: boolean;
}

/** What the server rendered, as the live document's reading has it, so that one can follow the other unseen. */
export function retroFromApi(answer: ApiRetro): Retro {
	return {
		isBegun: answer.begunAt !== null,
		stage: answer.stage,
		owner: answer.owner && idOf(answer.owner),
		due: answer.due === null ? null : Date.parse(answer.due),
		begunAt: answer.begunAt === null ? null : Date.parse(answer.begunAt),
		reviewers: answer.reviewers.map(idOf),
		// The API says which approvals hold: those of null are of the text as it is, others of another one.
		approvals: [
			...answer.approved.map((one) => ({ by: idOf(one), written: null })),
			...answer.approvedEarlier.map((one) => ({ by: idOf(one), written: -1 })),
		],
		written: 0,
		returned: answer.returned && { ...answer.returned, by: idOf(answer.returned.by) },
		versions: answer.versions.map((one) => ({
			...one,
			by: idOf(one.by),
			at: Date.parse(one.at),
		})),
		named: answer.named.map((one) => ({
			...{ fact: one.fact as FactId, name: one.name },
			...{ by: idOf(one.by), at: Date.parse(one.at) },
		})),
		comments: answer.comments.map(commentOf),
		report: answer.report,
		findings: answer.findings.map((one) => ({
			...{ id: one.id as FindingId, kind: one.kind, text: one.text, order: one.order },
			causes: one.causes,
			entries: one.entries.map((entry) => entry as EntryId),
			moments: one.moments.map((at) => Date.parse(at)),
		})),
	};
}

function idOf({ id }: Named): PersonId {
	return id as PersonId;
}

function commentOf({ id, by, at, text, anchor, answers, isResolved }: ApiComment): Comment {
	return {
		...{ id: id as FactId, by: idOf(by), at: Date.parse(at), text, anchor, isResolved },
		answers: answers as FactId | null,
	};
}
