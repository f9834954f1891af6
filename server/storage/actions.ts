import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { ActionKind, ActionState } from '#core/learning/actions.ts';
import type { BundledAction } from '#core/review/export/bundledActions.ts';
import { inScope, type Question } from './metrics/scope.ts';
import { replaced } from './needles.ts';

/** What is to be done after an incident. Instants are epoch ms, days `2026-11-24`. */
export interface Action {
	readonly id: string;
	readonly incident: IncidentId;
	readonly incidentNumber: number;
	readonly incidentTitle: string;
	readonly title: string;
	readonly kind: ActionKind;
	readonly owner: PersonId | null;
	/** Whether the owner is nobody of here any more. */
	readonly hasOwnerLeft: boolean;
	readonly dueOn: string | null;
	readonly state: ActionState;
	readonly link: string | null;
	readonly takenFrom: string | null;
	readonly version: number;
	readonly madeBy: PersonId;
	readonly madeAt: number;
	readonly changedBy: PersonId;
	readonly changedAt: number;
	readonly endedBy: PersonId | null;
	readonly endedAt: number | null;
}

/** Which actions are asked for; what is left out does not matter. */
export interface ActionFilter {
	readonly id?: string;
	readonly incidents?: readonly IncidentId[];
	readonly state?: ActionState;
	/** `nobody` also finds those whose owner has left. */
	readonly owner?: PersonId | 'nobody';
	/** Only those that are open on this day and were due before it. */
	readonly overdueOn?: string;
	/** Only those whose due day (UTC) begins in this half-open stretch, ISO 8601 UTC; what was dropped is none. */
	readonly dueFrom?: string;
	readonly dueTo?: string;
}

/** Actions, what is due first before the rest, what ended last. */
export async function readActions(
	sql: ISql,
	filter: ActionFilter,
	most: number,
): Promise<readonly Action[]> {
	return sql<Action[]>`
		select ${columns(sql)}
		${asked(sql, filter)}
		order by a.state <> 'open', a.due_on nulls last, a.made_at, a.id
		limit ${most}`;
}

/** How many there are, however many are listed. */
export async function countActions(sql: ISql, filter: ActionFilter): Promise<number> {
	const [row] = await sql<[{ count: number }]>`select count(*)::int as count ${asked(sql, filter)}`;
	return row.count;
}

function asked(sql: ISql, filter: ActionFilter) {
	const { id, incidents, state, owner, overdueOn } = filter;
	return sql`
		from actions a
		join incidents i on i.id = a.incident
		left join projected_incidents p on p.incident = a.incident
		left join people o on o.id = a.owner
		where ${id === undefined ? sql`true` : sql`a.id = ${id}`}
			and ${incidents === undefined ? sql`true` : sql`a.incident = any(${[...incidents]}::uuid[])`}
			and ${state === undefined ? sql`true` : sql`a.state = ${state}`}
			and ${owner === undefined ? sql`true` : ownedBy(sql, owner)}
			and ${overdueOn === undefined ? sql`true` : sql`a.state = 'open' and a.due_on < ${overdueOn}::date`}
			and ${isDueWithin(sql, filter)}`;
}

function isDueWithin(sql: ISql, { dueFrom, dueTo }: ActionFilter) {
	const at = sql`a.due_on::timestamp at time zone 'UTC'`;
	const since = dueFrom === undefined ? sql`` : sql`and ${at} >= ${dueFrom}::timestamptz`;
	const until = dueTo === undefined ? sql`` : sql`and ${at} < ${dueTo}::timestamptz`;
	const isAny = dueFrom === undefined && dueTo === undefined;
	return isAny ? sql`true` : sql`a.state <> 'dropped' ${since} ${until}`;
}

function ownedBy(sql: ISql, owner: PersonId | 'nobody') {
	return owner === 'nobody'
		? sql`(a.owner is null or o.removed_at is not null)`
		: sql`a.owner = ${owner} and o.removed_at is null`;
}

function columns(sql: ISql) {
	return sql`
		a.id, a.incident, i.number as "incidentNumber", coalesce(p.title, '') as "incidentTitle",
		a.title, a.kind, a.owner, o.removed_at is not null as "hasOwnerLeft",
		to_char(a.due_on, 'YYYY-MM-DD') as "dueOn", a.state, a.link, a.taken_from as "takenFrom",
		a.version, a.made_by as "madeBy", (extract(epoch from a.made_at) * 1000)::int8 as "madeAt",
		a.changed_by as "changedBy", (extract(epoch from a.changed_at) * 1000)::int8 as "changedAt",
		a.ended_by as "endedBy", (extract(epoch from a.ended_at) * 1000)::int8 as "endedAt"`;
}

/** Open actions of an incident that nobody will do, or at no time: how many, and what the first is called. */
export async function readLooseActions(
	sql: ISql,
	incident: IncidentId,
): Promise<{ readonly count: number; readonly title: string | null }> {
	const [row] = await sql<[{ count: number; title: string | null }]>`
		select count(*)::int as count,
			(array_agg(a.title order by a.due_on nulls last, a.made_at, a.id))[1] as title
		from actions a left join people o on o.id = a.owner
		where a.incident = ${incident} and a.state = 'open'
			and (a.due_on is null or ${ownedBy(sql, 'nobody')})`;
	return row;
}

/** An action that is new. */
export interface NewAction {
	readonly id: string;
	readonly incident: IncidentId;
	readonly title: string;
	readonly kind: ActionKind;
	readonly owner: PersonId | null;
	readonly dueOn: string | null;
	readonly link: string | null;
	readonly takenFrom: string | null;
	readonly by: PersonId;
	readonly key: string | null;
	/** A digest of the request. */
	readonly print: string | null;
}

/** Adds an action. False if this person added one under this key already. */
export async function insertAction(sql: ISql, action: NewAction): Promise<boolean> {
	const { id, incident, title, kind, owner, dueOn, link, takenFrom, by, key, print } = action;
	const rows = await sql`
		insert into actions (
			id, incident, title, kind, owner, due_on, link, taken_from, made_by, changed_by, key, print
		) values (
			${id}, ${incident}, ${title}, ${kind}, ${owner}, ${dueOn}::date, ${link}, ${takenFrom},
			${by}, ${by}, ${key}, ${print}
		)
		on conflict (made_by, key) do nothing returning id`;
	return rows.length > 0;
}

/**
 * Adds the actions of an incident that comes from elsewhere, as whoever brought it: their owners are
 * nobody of here. They get ids of here, so that none can be one that is here already.
 */
export async function insertForeignActions(
	tx: TransactionSql,
	incident: IncidentId,
	{ actions, by }: { readonly actions: readonly BundledAction[]; readonly by: PersonId },
): Promise<void> {
	await tx`
		insert into actions (
			id, incident, title, kind, due_on, state, link, taken_from, made_by, made_at, changed_by, ended_at
		)
		select gen_random_uuid(), ${incident}, title, kind, "dueOn"::date, state, link, "takenFrom", ${by}::uuid,
			timestamptz 'epoch' + "madeAt" * interval '1 ms', ${by}::uuid,
			case when state <> 'open' then timestamptz 'epoch' + coalesce("endedAt", "madeAt") * interval '1 ms' end
		from jsonb_to_recordset(${JSON.stringify(actions)}::text::jsonb) as given (
			title text, kind text, "dueOn" text, state text, link text, "takenFrom" text,
			"madeAt" int8, "endedAt" int8
		)`;
}

/** The action that somebody added under a key, with the digest of that request. */
export async function findMadeAction(
	sql: ISql,
	by: PersonId,
	key: string,
): Promise<{ readonly id: string; readonly print: string | null } | null> {
	const [row] = await sql<{ id: string; print: string | null }[]>`
		select id, print from actions where made_by = ${by} and key = ${key}`;
	return row ?? null;
}

/** Nobody else changes this action until the transaction ends. */
export async function lockAction(tx: TransactionSql, id: string): Promise<void> {
	await tx`select from actions where id = ${id} for update`;
}

/** Writes what an action is now; `isEnded` is set where it ends with this change, or begins anew. */
export async function updateAction(
	tx: TransactionSql,
	action: Pick<Action, 'id' | 'title' | 'kind' | 'owner' | 'dueOn' | 'state' | 'link'>,
	{ by, isEnded }: { readonly by: PersonId; readonly isEnded: boolean | null },
): Promise<void> {
	const { id, title, kind, owner, dueOn, state, link } = action;
	await tx`
		update actions set title = ${title}, kind = ${kind}, owner = ${owner}, due_on = ${dueOn}::date,
			state = ${state}, link = ${link}, version = version + 1, changed_by = ${by}, changed_at = now(),
			ended_by = case when ${isEnded}::boolean is null then ended_by when ${isEnded}::boolean then ${by}::uuid end,
			ended_at = case when ${isEnded}::boolean is null then ended_at when ${isEnded}::boolean then now() end
		where id = ${id}`;
}

/** How an organisation keeps up with what it set out to do. */
export interface ClosingRate {
	/** Actions that were due in the period, without those that were dropped. */
	readonly due: number;
	/** How many of them are done. */
	readonly done: number;
	/** Actions that are open now, whenever they are due. */
	readonly open: number;
	/** The median age of those (nearest rank), in days; null if there are none. */
	readonly medianOpenDays: number | null;
}

/**
 * How many of the actions whose due day (in UTC) begins in the period are done, and how old the open ones are:
 * of the incidents that are asked for, whenever these were declared.
 */
export async function readClosingRate(
	sql: ISql,
	{ scope, from, to, asOf }: Pick<Question, 'scope' | 'from' | 'to' | 'asOf'>,
): Promise<ClosingRate> {
	const dueAt = sql`a.due_on::timestamp at time zone 'UTC'`;
	const [row] = await sql<[ClosingRate]>`
		select
			count(*) filter (where is_due)::int as due,
			count(*) filter (where is_due and state = 'done')::int as done,
			count(*) filter (where state = 'open')::int as open,
			percentile_disc(0.5) within group (order by age) filter (where state = 'open') as "medianOpenDays"
		from (
			select a.state,
				${dueAt} >= ${from}::timestamptz and ${dueAt} < ${to}::timestamptz as is_due,
				extract(epoch from ${asOf}::timestamptz - a.made_at)::float8 / 86400 as age
			from actions a join projected_measures m using (incident)
			where a.state <> 'dropped' and ${inScope(sql, scope)}
		) counted`;
	return row;
}

/** Takes a text out of an incident's actions, for good; gives how many held it. */
export async function removeFromActions(
	tx: TransactionSql,
	incident: IncidentId,
	needle: string,
): Promise<number> {
	// A digest of what was asked could be guessed from, and an address with a hole leads nowhere.
	const rows = await tx`
		update actions set title = ${replaced(tx, 'title', needle)}, print = null, version = version + 1,
			link = case when strpos(link, ${needle}) = 0 then link end
		where incident = ${incident} and (strpos(title, ${needle}) > 0 or strpos(link, ${needle}) > 0)
		returning id`;
	return rows.length;
}
