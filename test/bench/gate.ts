import { measureGate } from '../support/gateCost.ts';
import type { Goal } from './report.ts';

const kilobyte = 1_000;

/** What the gate takes for one keystroke. */
export function gateGoals(): Goal[] {
	const { p50, p99, documentBytes } = measureGate();
	const size = `${Math.round(documentBytes / kilobyte)} KB`;
	return [
		{ what: `the gate, a keystroke in a document of ${size}, p50`, is: p50, atMost: 5, unit: 'µs' },
		{ what: 'the gate, a keystroke, p99', is: p99, atMost: 50, unit: 'µs' },
	];
}
