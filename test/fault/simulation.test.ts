import { expect, it } from 'vitest';
import { isLarge } from '../support/large.ts';
import { Simulation } from '../support/simulation/simulation.ts';

/*
 * The real rooms, gate and journal logic on a simulated store, disk, network and clock, where more goes
 * wrong in a minute than in a year. `MUSTER_SEED=n` repeats a seed; one that failed once has its place
 * among the first.
 */

const only = process.env['MUSTER_SEED'];
const seeds = isLarge ? 300 : 30;

it.each([1, 2] as const)(
	'whatever goes wrong, nothing is lost, doubled or read differently (nodes: %i)',
	async (nodes) => {
		const first = Number(only ?? 1);
		for (let seed = first; seed < first + (only ? 1 : seeds); seed++) {
			const simulation = new Simulation(seed, nodes);
			const faults = await simulation
				.run()
				.catch((error: unknown) => [String(error), simulation.state]);
			expect({ seed, faults }).toEqual({ seed, faults: [] });
		}
	},
	900_000,
);
