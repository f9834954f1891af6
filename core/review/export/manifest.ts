import * as z from 'zod/mini';
import { isUuid, type IncidentId, type PersonId } from '../../ids.ts';
import { isInstant } from '../../time.ts';
import { isPlainText } from '../../wire.ts';

/** The version of bundles that this Muster writes and reads. */
export const bundleFormat = 1;

/** How many turns one file of a bundle's history holds at most. */
export const turnsPerFile = 2_000;

/** How many edits these turns have at most: a file ends before a turn that would be too much. */
export const editsPerFile = 100_000;

/** How much a bundle holds at most, far more than 20 MiB hold of what people write. */
export const mostTurns = 700_000;
export const mostEdits = 1_000_000;

/** The files of every bundle but its history, in the order in which they stand in it. */
export const bundleFiles = {
	readme: 'README.txt',
	markdown: 'incident.md',
	json: 'incident.json',
	csv: 'timeline.csv',
	attendance: 'attendance.json',
	manifest: 'manifest.json',
} as const;

/** The name of the history's file with this index, the first one 0. */
export function historyFile(index: number): string {
	return `history/${String(index + 1).padStart(6, '0')}.bin`;
}

/** Whether a file may stand in a bundle. */
export function isBundleFile(name: string): boolean {
	return Object.values<string>(bundleFiles).includes(name) || /^history\/\d{6}\.bin$/.test(name);
}

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

const manifestSchema = z
	.strictObject({
		format: z.literal(bundleFormat),
		incident: z.strictObject({ id: uuid, number: count, title: words(10_000) }),
		/** How many turns the history has, and the chain's head after the last one. */
		turns: turn.check(z.maximum(mostTurns)),
		head: digest,
		/** The Muster that it comes from. */
		source: z.strictObject({ name: words(300), url: words(2_000) }),
		/** Epoch ms. */
		exported: z.strictObject({ at: instant, by: words(300) }),
		/** The names of everybody whom the history names. */
		people: z.record(uuid, words(300)),
		/** Whose client ids wrote the edits. */
		clients: z.record(clientId, uuid),
		/** Turns that are passed over by all who read the history, in the order of the decisions. */
		passed,
		files: z.record(z.string(), z.strictObject({ bytes: count, sha256: digest })),
	})
	.check(z.refine(({ passed, turns }) => passed.every(({ to }) => to <= turns)));

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
