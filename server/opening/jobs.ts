import type { PersonId } from '#core/ids.ts';
import type { RestorablePart } from '#core/incident/parts.ts';
import type { Incident } from '#core/incident/reading.ts';
import { restoringUpdate } from '#core/incident/restore.ts';
import { readMoment, type ReviewClock } from '#core/review/clocks.ts';
import { limits } from '#server/limits.ts';
import {
	advanceMaterial,
	makeDocument,
	tryMaterial,
	type Material,
	type Verdict,
} from './material.ts';
import { removeForGood, type Removal, type RemovalWork } from './removing.ts';

/** What is done with documents that may do harm, away from the rooms. */
export type Job =
	| {
			readonly kind: 'try';
			readonly material: Material;
	  }
	| {
			/** Tries it, and gives the state in which it ends. */
			readonly kind: 'advance';
			readonly material: Material;
	  }
	| {
			readonly kind: 'restore';
			readonly version: Material;
			/** What came after that version, as one update. */
			readonly later: Uint8Array;
			readonly client: number;
			readonly parts: readonly RestorablePart[];
	  }
	| {
			/** Reads a document as it was. */
			readonly kind: 'moment';
			readonly clock: ReviewClock;
			/** Epoch ms. */
			readonly at: number;
			readonly known: Material;
			/** With all that is known by now; null where that is not asked for. */
			readonly latest: Material | null;
			readonly names: Readonly<Record<PersonId, string>>;
	  }
	| ({ readonly kind: 'remove' } & RemovalWork);

/** What comes of each job. */
interface Results {
	/** Whether a document can be opened. */
	readonly try: Verdict;
	/** Yjs V2; null if it cannot be opened. */
	readonly advance: Uint8Array | null;
	/** The update that restores a version. */
	readonly restore: Uint8Array | null;
	readonly moment: Incident;
	readonly remove: Removal;
}
export type Result<Kind extends Job['kind']> = Results[Kind];

/** How long a job may compute, and take in all where a machine is busy with other things, in ms. */
export function boundsOf(kind: Job['kind']): { readonly ms: number; readonly mostMs: number } {
	return kind === 'remove'
		? { ms: limits.searchMs, mostMs: limits.searchMostMs }
		: { ms: limits.openMs, mostMs: limits.openMostMs };
}

/** Does a job; `onStep` hears before each turn which it is. */
export function carryOut(job: Job, onStep: (step: number) => void): Result<Job['kind']> {
	switch (job.kind) {
		case 'try':
			return tryMaterial(job.material, onStep);
		case 'advance':
			return advanceMaterial(job.material);
		case 'restore': {
			const version = makeDocument(job.version, () => undefined);
			return restoringUpdate(version, job.later, job);
		}
		case 'moment':
			return readPast(job);
		case 'remove':
			return removeForGood(job, onStep);
		default:
			return job satisfies never;
	}
}

function readPast({ clock, at, known, latest, names }: Job & { kind: 'moment' }): Incident {
	const made = (material: Material) => makeDocument(material, () => undefined);
	const moment = { clock, at, known: made(known), latest: latest && made(latest) };
	return readMoment(moment, (person) => names[person] ?? 'Somebody');
}
