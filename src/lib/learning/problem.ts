import type { ActionAnswer, Named, NamedIncident } from '#core/learning/actionsWire.ts';
import type { ProblemState } from '#core/learning/problems.ts';

/** A problem as the API answers it. Instants are ISO 8601 UTC. */
export interface ProblemAnswer {
	readonly number: number;
	readonly title: string;
	readonly cause: string | null;
	readonly description: string;
	readonly state: ProblemState;
	readonly owner: Named | null;
	readonly formerOwner: Named | null;
	readonly version: number;
	readonly changedBy: Named;
	readonly changedAt: string;
	/** How many incidents belong to it. */
	readonly incidents: number;
}

/** An incident that belongs to a problem, or could, with what its retrospective says contributed. */
export interface Belonging {
	readonly incident: NamedIncident;
	readonly declaredAt: string | null;
	readonly factors: readonly string[];
}

/** A problem with everything that its page shows. */
export interface WholeProblem {
	readonly problem: ProblemAnswer;
	readonly belonging: readonly Belonging[];
	readonly suggested: readonly Belonging[];
	readonly actions: readonly ActionAnswer[];
	/** There are more than are listed. */
	readonly hasMoreActions: boolean;
}

/** What a form says of a problem, in the words of the API. */
export function problemOf(form: FormData): object {
	const text = (name: string) => String(form.get(name) ?? '').trim();
	return {
		title: text('title'),
		cause: text('cause') || null,
		state: text('state'),
		owner: text('owner') || null,
		description: text('description'),
	};
}
