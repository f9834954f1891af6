import type { IncidentId } from '../../ids.ts';
import type { Incident, NameOf, TimelineItem } from '../../incident/reading.ts';

/** An incident that is to be read outside of Muster, in whatever form. */
export interface Exported {
	readonly id: IncidentId;
	/** Its number where it is exported, whatever its record says. */
	readonly number: number;
	readonly reading: Incident;
	readonly nameOf: NameOf;
	/** Where its room is. */
	readonly url: string;
	/** When it is exported, epoch ms. */
	readonly at: number;
}

/** `INC-42` */
export function labelOf({ number }: Pick<Exported, 'number'>): string {
	return `INC-${number}`;
}

/** Who did it, and who logged that where it is somebody else. */
export function whoOf({ actors, by }: TimelineItem, nameOf: NameOf): string {
	const logger = by === null ? null : nameOf(by);
	if (actors === undefined) return logger ?? '';
	return logger === null ? actors : `${actors} (logged by ${logger})`;
}
