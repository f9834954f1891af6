import type { RestorablePart } from '#core/incident/parts.ts';
import { restoringUpdate } from '#core/incident/restore.ts';
import { makeDocument, tryMaterial, type Material, type Verdict } from './material.ts';

/** What is done with documents that may do harm, away from the rooms. */
export type Job =
	| {
			readonly kind: 'try';
			readonly material: Material;
	  }
	| {
			readonly kind: 'restore';
			readonly version: Material;
			/** What came after that version, as one update. */
			readonly later: Uint8Array;
			readonly client: number;
			readonly parts: readonly RestorablePart[];
	  };

/** What comes of a job: whether a document can be opened, or the update that restores a version. */
export type Result<Kind extends Job['kind']> = Kind extends 'try' ? Verdict : Uint8Array | null;

/** Does a job; `onStep` hears before each turn which it is. */
export function carryOut(job: Job, onStep: (step: number) => void): Result<Job['kind']> {
	switch (job.kind) {
		case 'try':
			return tryMaterial(job.material, onStep);
		case 'restore': {
			const version = makeDocument(job.version, () => undefined);
			return restoringUpdate(version, job.later, job);
		}
		default:
			return job satisfies never;
	}
}
