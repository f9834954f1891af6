import { defineConfig } from 'vitest/config';
import { isLarge } from './test/support/large.ts';

const postgres = { globalSetup: ['test/support/template.ts'], hookTimeout: 60_000 };
const integration = { ...postgres, testTimeout: 30_000 };
const fault = { ...postgres, testTimeout: 600_000 };

/** How long others wait is a part of what these tests say: nothing else runs beside them. */
const timed = [
	'integration/opening/quarantine',
	'integration/persister/{apart,stopping}',
	'integration/presence/{hostile,presence}',
	'integration/storage/pool',
	'fault/{badWires,cluster,clusterCrowd,clusterMoves,hostile,persisters}',
	'fault/{presencePackets,slowReaders,stopping,storm,twoNodes}',
].map((name) => `test/${name}.test.ts`);

function level(name: string, options: object) {
	const include = [`test/${name}/**/*.test.ts`];
	return { test: { name, include, exclude: timed, ...options } };
}

/** The timed tests of a level, after its others, one file after the other. */
function timedOf(name: string, options: object) {
	const include = timed.filter((pattern) => pattern.startsWith(`test/${name}/`));
	const alone = { maxWorkers: 1, sequence: { groupOrder: 1 } };
	return { test: { name: `${name}-timed`, include, ...alone, ...options } };
}

/** Tests by what they need: nothing, a real PostgreSQL, or something that breaks. */
export default defineConfig({
	test: {
		projects: [
			level('unit', { testTimeout: 30_000 }),
			level('integration', { ...integration, maxWorkers: 2 }),
			timedOf('integration', integration),
			// Small sizes mostly wait; large ones measure.
			level('fault', { ...fault, maxWorkers: isLarge ? 1 : 2 }),
			timedOf('fault', fault),
		],
	},
});
