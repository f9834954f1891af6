import * as z from 'zod/mini';
import {
	incidentOf,
	isIncidentId,
	isUuid,
	retroDocumentOf,
	type IncidentId,
	type PersonId,
} from '../../ids.ts';
import { isInstant } from '../../time.ts';
import { isPlainText } from '../../wire.ts';
import { learningFiles, mostTurns } from './bundleFiles.ts';

/** The version of bundles of a room alone, which every Muster reads, and of those that also hold what was learnt. */
export const bundleFormats = { room: 1, withLearning: 2 } as const;

const uuid = z.string().check(z.refine(isUuid));
const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.nonnegative());
const turn = z.int().check(z.positive());
const instant = z.int().check(z.refine(isInstant));
const words = (most: number) => z.string().check(z.maxLength(most));

const clientId = z.string().check(
	z.regex(/^(0|[1-9]\d{0,9})$/),
	z.refine((text) => Number(text) <= 0xffffffff),
);

const plainWords = (most: number) => words(most).check(z.refine(isPlainText));

/** As many as anybody decides on by hand, each said once. */
const passed = z
	.array(
		z
			.strictObject({ from: turn, to: turn, at: instant, why: plainWords(10_000) })
			.check(z.refine(({ from, to }) => from <= to)),
	)
	.check(
		z.maxLength(1_000),
		z.refine((all) => new Set(all.map(({ from }) => from)).size === all.length),
	);

/** What a bundle says of a document's history. */
const history = {
	/** How many turns it has, and the chain's head after the last one. */
	turns: turn.check(z.maximum(mostTurns)),
	head: digest,
	/** Whose client ids wrote the edits. */
	clients: z.record(clientId, uuid),
	/** Turns that are passed over by all who read the history, in the order of the decisions. */
	passed,
};
const historySchema = z.strictObject(history);

const manifestSchema = z
	.strictObject({
		format: z.union([z.literal(bundleFormats.room), z.literal(bundleFormats.withLearning)]),
		incident: z.strictObject({ id: uuid, number: count, title: words(10_000) }),
		...history,
		/** The same of the retrospective, where one was begun. */
		retro: z.optional(historySchema),
		/** The Muster that it comes from. */
		source: z.strictObject({ name: words(300), url: words(2_000) }),
		/** Epoch ms. */
		exported: z.strictObject({ at: instant, by: words(300) }),
		/** The names of everybody whom the histories name. */
		people: z.record(uuid, words(300)),
		files: z.record(z.string(), z.strictObject({ bytes: count, sha256: digest })),
	})
	.check(
		z.refine((all) => [all, all.retro].every((one) => !one || arePassedIn(one))),
		z.refine((all) => all.format === formatOf(all)),
		z.refine(({ incident }) => isOwnId(incident.id)),
	);

/** The version of a bundle with this retrospective and these files. */
export function formatOf({ retro, files }: Learnt): Manifest['format'] {
	const hasLearnt = retro !== undefined || Object.hasOwn(files, learningFiles.actions);
	return hasLearnt ? bundleFormats.withLearning : bundleFormats.room;
}

type Learnt = Pick<z.infer<typeof manifestSchema>, 'retro' | 'files'>;

/** Whether an incident can have this id: its retrospective's must lead back to it, and to nothing else. */
function isOwnId(id: string): boolean {
	return isIncidentId(id) && incidentOf(retroDocumentOf(id)) === id;
}

function arePassedIn({ passed, turns }: Pick<HistoryClaim, 'passed' | 'turns'>): boolean {
	return passed.every(({ to }) => to <= turns);
}

/** What a bundle says of a document's history. */
export type HistoryClaim = z.infer<typeof historySchema>;

/** What a bundle says of itself. */
export type Manifest = z.infer<typeof manifestSchema> & {
	readonly incident: { readonly id: IncidentId };
	readonly people: Readonly<Record<PersonId, string>>;
};

const attendanceSchema = z.array(
	z.strictObject({ person: uuid, conn: plainWords(100), enteredAt: instant, leftAt: instant }),
);

/** Who was in the room on one connection, from when to when (epoch ms). */
export interface Stay {
	readonly person: PersonId;
	readonly conn: string;
	readonly enteredAt: number;
	readonly leftAt: number;
}

/** A manifest from its JSON; null for anything else, also for one of another version. */
export function readManifest(json: unknown): Manifest | null {
	const read = manifestSchema.safeParse(json);
	return read.success ? (read.data as unknown as Manifest) : null;
}

/** The version that something like a manifest says it is of, or null. */
export function versionOf(json: unknown): number | null {
	const read = z.safeParse(z.object({ format: z.int() }), json);
	return read.success ? read.data.format : null;
}

/** Who was there, from its JSON; null for anything else. */
export function readStays(json: unknown): readonly Stay[] | null {
	const read = attendanceSchema.safeParse(json);
	return read.success ? (read.data as unknown as readonly Stay[]) : null;
}
