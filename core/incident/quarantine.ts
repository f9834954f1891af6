import { clockTime, dayOf } from '../time.ts';

/** Why an incident that could not be opened whole takes no edits; it is shown as of an instant (epoch ms). */
export function quarantineSentence(asOf: number): string {
	const time = `${dayOf(asOf)} ${clockTime(asOf)} UTC`;
	return `This incident could not be opened whole. You see it as of ${time}; no edits until an admin restores it.`;
}
