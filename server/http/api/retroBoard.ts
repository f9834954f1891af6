import { createRoute, z } from '@hono/zod-openapi';
import { severities, type Severity } from '#core/incident/lifecycle.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { dueAfter } from '#core/retro/due.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { readRetroBoard, type RetroRow } from '#server/storage/retroBoard.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { namedIncident, namedIncidentField } from './actions.ts';
import type { IncidentParts } from './incident.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

const retro = z
	.object({
		incident: namedIncidentField,
		severity: z.enum(severities).nullable(),
		/** `due` if nobody has begun one. */
		state: z.enum(['due', 'draft', 'inReview', 'published']),
		owner: namedField.nullable(),
		formerOwner: namedField.nullable(),
		/** What was agreed, else the end of the fifth business day after the incident was resolved. */
		dueAt: instantField.nullable(),
		isOverdue: z.boolean(),
		version: z.int(),
		publishedAt: instantField.nullable(),
	})
	.openapi('RetroRow');

const list = createRoute({
	method: 'get',
	path: '/retros',
	summary: 'Retrospectives, and the incidents that ought to have one',
	responses: {
		200: {
			description: 'What is due first comes first, then what was published last',
			content: json(z.object({ retros: z.array(retro) })),
		},
	},
});

/** After these an incident is worth a retrospective. */
const dueSeverities: readonly Severity[] = ['SEV1', 'SEV2', 'SEV3'];

/** `/retros`: where the retrospectives stand. */
export function retroBoardRoutes({
	db,
	people,
	now,
}: Pick<IncidentParts, 'db' | 'people' | 'now'>): ApiRouter {
	return newRouter().openapi(list, async (c) => {
		allowed(c, 'read');
		const rows = await patiently(() =>
			readRetroBoard(db.sql, {
				severities: dueSeverities,
				dueMs: limits.retroDueMs,
				most: limits.retrosListed,
			}),
		);
		const retros = rows
			.map((row) => describeRetro(row, { nameOf: people.nameOf, now: now() }))
			.sort(byUrgency);
		return c.json({ retros }, 200);
	});
}

type Retro = z.infer<typeof retro>;

/** What is due first comes first; what is published stands below, the last one first. */
function byUrgency(a: Retro, b: Retro): number {
	const [isOver, isOtherOver] = [a.state === 'published', b.state === 'published'];
	if (isOver !== isOtherOver) return Number(isOver) - Number(isOtherOver);
	if (isOver) return -compare(a.publishedAt ?? '', b.publishedAt ?? '');
	return compare(a.dueAt ?? '9999', b.dueAt ?? '9999');
}

function compare(a: string, b: string): number {
	return a < b ? -1 : Number(a > b);
}

function describeRetro(
	row: RetroRow,
	{ nameOf, now }: { readonly nameOf: NameOf; readonly now: number },
): Retro {
	const { severity, owner, hasOwnerLeft, resolvedAt, version, publishedAt } = row;
	const dueAt = row.dueAt ?? (resolvedAt === null ? null : dueAfter(resolvedAt));
	const who = owner && named(owner, nameOf);
	return {
		...{ incident: namedIncident(row), severity, state: row.state ?? 'due', version },
		owner: hasOwnerLeft ? null : who,
		formerOwner: hasOwnerLeft ? who : null,
		dueAt: isoOf(dueAt),
		isOverdue: row.state !== 'published' && dueAt !== null && dueAt < now,
		publishedAt: isoOf(publishedAt),
	};
}
