import { dayOf } from '../time.ts';

/** What an action is for: to find the next one sooner, make it smaller, keep it from coming, or work better together. */
export const actionKinds = ['detect', 'mitigate', 'prevent', 'process'] as const;
export type ActionKind = (typeof actionKinds)[number];

export const actionKindNames: Readonly<Record<ActionKind, string>> = {
	detect: 'Detect',
	mitigate: 'Mitigate',
	prevent: 'Prevent',
	process: 'Process',
};

/** Where an action stands. What was dropped is kept for the record. */
export const actionStates = ['open', 'done', 'dropped'] as const;
export type ActionState = (typeof actionStates)[number];

export const actionStateNames: Readonly<Record<ActionState, string>> = {
	open: 'Open',
	done: 'Done',
	dropped: 'Dropped',
};

/** An action as far as its due day is concerned; days are `2026-11-24`, in UTC. */
export interface Dated {
	readonly state: ActionState;
	readonly dueOn: string | null;
}

/** Whether an open action's due day is over in UTC at an instant (epoch ms). */
export function isOverdue({ state, dueOn }: Dated, now: number): boolean {
	return state === 'open' && dueOn !== null && dueOn < dayOf(now);
}

/** How an open action stands to its due day, in words: `3 days overdue`, `due today`. Null without a day, or once it ended. */
export function dueWords(action: Dated, now: number): string | null {
	const { state, dueOn } = action;
	if (state !== 'open' || dueOn === null) return null;
	const days = daysBetween(dayOf(now), dueOn);
	if (days === 0) return 'due today';
	if (days === 1) return 'due tomorrow';
	return days > 0 ? `due in ${days} days` : `${-days} ${days === -1 ? 'day' : 'days'} overdue`;
}

/** Sorts actions: what is due first comes first, what has no due day after that, what ended last. */
export function compareActions(
	a: Dated & { readonly madeAt: string },
	b: Dated & { readonly madeAt: string },
): number {
	return (
		Number(a.state !== 'open') - Number(b.state !== 'open') ||
		compare(a.dueOn ?? '9999-99-99', b.dueOn ?? '9999-99-99') ||
		compare(a.madeAt, b.madeAt)
	);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : Number(a > b);
}

const dayMs = 86_400_000;

function daysBetween(from: string, to: string): number {
	return Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
}
