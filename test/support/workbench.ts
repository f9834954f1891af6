import type { Incident } from '#core/incident/reading.ts';
import { carryOut } from '#server/opening/jobs.ts';
import { advanceMaterial, tryMaterial } from '#server/opening/material.ts';
import { removeForGood } from '#server/opening/removing.ts';
import { Opening } from '#server/opening/opening.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { createLog } from '#server/log.ts';
import type { Database } from '#server/storage/database.ts';

/** Does in this thread what Muster does in a process of its own. */
export const workbench: Workbench = {
	try: async (material) => tryMaterial(material, () => undefined),
	advance: async (material) => advanceMaterial(material),
	readMoment: async (job) => carryOut({ ...job, kind: 'moment' }, () => undefined) as Incident,
	restore: async (job) =>
		carryOut({ ...job, kind: 'restore' }, () => undefined) as Uint8Array | null,
	remove: async (work) => removeForGood(work, () => undefined),
};

/** Opens documents of a store without processes of their own. */
export function untried({ sql }: Pick<Database, 'sql'>): Opening {
	return new Opening({ sql, workbench, log: createLog('silent') });
}
