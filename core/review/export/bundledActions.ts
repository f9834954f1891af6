import * as z from 'zod/mini';
import { actionKinds, actionStates } from '../../learning/actions.ts';
import { day, trackerLink } from '../../learning/actionsWire.ts';
import { textLimits } from '../../textLimits.ts';
import { isInstant } from '../../time.ts';
import { sentenceUpTo, ulid } from '../../wire.ts';

const instant = z.int().check(z.refine(isInstant));

const bundledAction = z.strictObject({
	// What stands for something that was removed may be longer than that was.
	title: sentenceUpTo(5 * textLimits.title),
	kind: z.enum(actionKinds),
	state: z.enum(actionStates),
	/** How its owner is called at the source. */
	owner: z.nullable(z.string().check(z.maxLength(300))),
	dueOn: z.nullable(day),
	link: z.nullable(trackerLink),
	/** The task of the room that it carries on. */
	takenFrom: z.nullable(ulid),
	/** Epoch ms. */
	madeAt: instant,
	endedAt: z.nullable(instant),
});

/** More than anybody sets out to do after one incident. */
export const mostActions = 5_000;

const bundledActions = z.array(bundledAction).check(z.maxLength(mostActions));

/** An action item as a bundle tells it. */
export type BundledAction = z.infer<typeof bundledAction>;

/** Action items from their JSON; null for anything else. */
export function readBundledActions(json: unknown): readonly BundledAction[] | null {
	const read = bundledActions.safeParse(json);
	return read.success ? read.data : null;
}
