import type { EntryId } from '../../ids.ts';
import type { Backfill } from '../backfill.ts';
import { factOf, loggedFact, type Context } from '../decide.ts';
import type { Fact, FactBody } from '../record.ts';
import type { Historic } from './historic.ts';

/**
 * An incident as its source tells it, of origin *imported*: declared when it started there, resolved and
 * closed when it was resolved. Nobody acknowledged it here, and what the source does not say stays blank.
 */
export function plantHistoric(historic: Historic, number: number, context: Context): Backfill {
	const { title, kind, declaredAt, updates } = historic;
	const at = declaredAt ?? context.now;
	const fact = (body: FactBody, occurredAt = at) => factOf(context, body, occurredAt);
	const entries = updates.map(({ at: occurredAt, text }) => ({
		id: context.id() as EntryId,
		entry: { kind: 'comms', text, occurredAt },
	}));
	const { severity, services } = historic;
	const facts = [
		fact({ kind: 'declared', title, number, incidentKind: kind, origin: 'imported' }),
		...(severity ? [fact({ kind: 'severity', severity })] : []),
		...(services.length > 0 ? [fact({ kind: 'services', services })] : []),
		fact({ kind: 'status', status: 'investigating' }),
		...statusFacts(historic, context),
		...milestoneFacts(historic, context),
		...linkFacts(historic, context),
		...entries.map(({ id }) => loggedFact(id, context)),
	];
	return { facts, entries };
}

/** What was reached at a time that nobody knows is reached, without a milestone. */
function statusFacts({ status, resolvedAt }: Historic, context: Context): Fact[] {
	if (status === 'investigating') return [];
	if (status !== 'closed') return [factOf(context, { kind: 'status', status })];
	const at = resolvedAt ?? context.now;
	return [
		factOf(context, { kind: 'status', status: 'resolved' }, at),
		factOf(context, { kind: 'status', status: 'closed' }, at),
	];
}

function milestoneFacts({ impactStartedAt, impactEndedAt }: Historic, context: Context): Fact[] {
	const said = [
		['impactStarted', impactStartedAt],
		['impactEnded', impactEndedAt],
	] as const;
	return said.flatMap(([milestone, at]) =>
		at === null ? [] : [factOf(context, { kind: 'milestone', milestone, at })],
	);
}

function linkFacts({ url, source }: Historic, context: Context): Fact[] {
	if (url === null) return [];
	return [factOf(context, { kind: 'link', url, title: `${source}: the incident there` })];
}
