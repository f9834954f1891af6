import { expect, it } from 'vitest';
import { isLarge } from '../support/large.ts';
import { Simulation } from '../support/simulation/simulation.ts';

/*
 * The real rooms, gate and journal logic on a simulated store, disk, network and clock, where more goes
 * wrong in a minute than in a year. `MUSTER_SEED=n` tries one seed alone.
 */

/** An edit came in the moment an outage ended, and was not saved. */
const failedOnce = [83, 90];
const only = process.env['MUSTER_SEED'];
const first = Array.from({ length: isLarge ? 300 : 30 }, (_, i) => i + 1);
const seeds = only ? [Number(only)] : new Set([...failedOnce, ...first]);

it.each([1, 2] as const)(
	'whatever goes wrong, nothing is lost, doubled or read differently (nodes: %i)',
	async (nodes) => {
		for (const seed of seeds) {
			const simulation = new Simulation(seed, nodes);
			const faults = await simulation
				.run()
				.catch((error: unknown) => [String(error), simulation.state]);
			expect({ seed, faults }).toEqual({ seed, faults: [] });
		}
	},
	900_000,
);
