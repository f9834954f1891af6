import { z } from '@hono/zod-openapi';
import type { Block } from '#core/incident/notes.ts';
import { toMarkdown } from '#core/incident/markdown.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { approvedBy } from '#core/retro/approvals.ts';
import { findingKinds } from '#core/retro/flags.ts';
import type { Retro } from '#core/retro/reading.ts';
import { stages, type Comment } from '#core/retro/state.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

const comment = z
	.object({
		id: z.string(),
		by: namedField,
		at: instantField,
		text: z.string(),
		anchor: z.object({ start: z.string(), end: z.string(), quote: z.string() }).nullable(),
		answers: z.string().nullable(),
		isResolved: z.boolean(),
	})
	.openapi('Comment');

const finding = z
	.object({
		id: z.string(),
		kind: z.enum(findingKinds),
		text: z.string(),
		causes: z.array(z.string()),
		entries: z.array(z.string()),
		moments: z.array(instantField),
		order: z.string(),
	})
	.openapi('Finding');

const version = z.object({
	version: z.int(),
	by: namedField,
	at: instantField,
	incidentTurn: z.int(),
});

/** A retrospective as `GET /incidents/{id}/retro` answers it. */
export const retro = z
	.object({
		stage: z.enum(stages),
		owner: namedField.nullable(),
		due: instantField.nullable(),
		begunAt: instantField.nullable(),
		reviewers: z.array(namedField),
		/** Who has approved the text as it is. */
		approved: z.array(namedField),
		/** Who has approved a text that was changed since: that does not count. */
		approvedEarlier: z.array(namedField),
		returned: z.object({ by: namedField, reason: z.string() }).nullable(),
		versions: z.array(version),
		named: z.array(
			z.object({ fact: z.string(), name: z.string(), by: namedField, at: instantField }),
		),
		comments: z.array(comment),
		/** The report as blocks: what people see and print. */
		report: z.array(z.custom<Block>(() => true).openapi({ type: 'object' })),
		/** The same as Markdown, without what stands in it by reference. */
		markdown: z.string(),
		findings: z.array(finding),
		/** How much was ever written in it: who approves says which text they have read. */
		written: z.int(),
	})
	.openapi('Retrospective');
export type RetroAnswer = z.infer<typeof retro>;

/** A retrospective as the API answers it: people with their names, instants in ISO 8601. */
export function describeRetro(reading: Retro, nameOf: NameOf): RetroAnswer {
	const { owner, returned, approvals, written } = reading;
	const approved = approvedBy(approvals, written);
	const earlier = approvals.filter(({ by }) => !approved.includes(by));
	return {
		stage: reading.stage,
		written,
		owner: owner && named(owner, nameOf),
		due: isoOf(reading.due),
		begunAt: isoOf(reading.begunAt),
		reviewers: reading.reviewers.map((person) => named(person, nameOf)),
		approved: approved.map((person) => named(person, nameOf)),
		approvedEarlier: earlier.map(({ by }) => named(by, nameOf)),
		returned: returned && { by: named(returned.by, nameOf), reason: returned.reason },
		versions: reading.versions.map((one) => ({
			...one,
			by: named(one.by, nameOf),
			at: isoOf(one.at),
		})),
		named: reading.named.map((one) => ({ ...one, by: named(one.by, nameOf), at: isoOf(one.at) })),
		comments: reading.comments.map((one) => describeComment(one, nameOf)),
		report: [...reading.report],
		markdown: toMarkdown(reading.report),
		findings: reading.findings.map((one) => ({
			...one,
			causes: [...one.causes],
			entries: [...one.entries],
			moments: one.moments.map(isoOf),
		})),
	};
}

function describeComment(one: Comment, nameOf: NameOf): z.infer<typeof comment> {
	return { ...one, by: named(one.by, nameOf), at: isoOf(one.at) };
}
