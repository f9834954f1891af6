import type { FactId, PersonId } from '../ids.ts';
import type { Severity, Status } from '../incident/lifecycle.ts';
import type { Fact } from '../incident/record.ts';
import { roles, type Role } from '../incident/roles.ts';

/** What held from one fact until another; instants are epoch ms, `until` is null while it holds. */
export type Interval<T> = T & {
	readonly fact: FactId;
	readonly since: number;
	readonly until: number | null;
};

/** Which status the incident had from when to when, in commit order. */
export function statusIntervals(facts: readonly Fact[]): readonly Interval<{ status: Status }>[] {
	return intervals(facts, (fact) => {
		if (fact.kind === 'status') return { status: fact.status };
		return fact.kind === 'reopened' ? { status: 'investigating' } : undefined;
	});
}

/** Which severity it had; null where it was taken back. */
export function severityIntervals(
	facts: readonly Fact[],
): readonly Interval<{ severity: Severity | null }>[] {
	return intervals(facts, (fact) =>
		fact.kind === 'severity' ? { severity: fact.severity } : undefined,
	);
}

/** Who held which role; a stretch in which nobody did is no interval. */
export function roleIntervals(
	facts: readonly Fact[],
): readonly Interval<{ role: Role; person: PersonId; acting: boolean }>[] {
	return roles.flatMap((role) =>
		intervals(facts, (fact) => {
			if (fact.kind !== 'role' || fact.role !== role) return undefined;
			return fact.person && { role, person: fact.person, acting: fact.acting === true };
		}),
	);
}

/** `begun` tells what begins with a fact, null if something only ends, undefined if it is none of this. */
function intervals<T>(
	facts: readonly Fact[],
	begun: (fact: Fact) => T | null | undefined,
): Interval<T>[] {
	const found: Interval<T>[] = [];
	let open = false;
	for (const fact of facts) {
		const next = begun(fact);
		if (next === undefined) continue;
		const last = found.at(-1);
		if (open && last) found[found.length - 1] = { ...last, until: fact.occurredAt };
		open = next !== null;
		if (next !== null) found.push({ ...next, fact: fact.id, since: fact.occurredAt, until: null });
	}
	return found;
}
