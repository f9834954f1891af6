import { defineConfig } from 'vitest/config';
import { isLarge } from './test/support/large.ts';

const level = (name: string, options: object = {}) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

const postgres = { globalSetup: ['test/support/template.ts'], hookTimeout: 60_000 };

/** Tests by what they need: nothing, a real PostgreSQL, or something that breaks. */
export default defineConfig({
	test: {
		projects: [
			level('unit', { testTimeout: 30_000 }),
			level('integration', { ...postgres, testTimeout: 30_000, maxWorkers: 2 }),
			// Small sizes mostly wait; large ones measure, and want the machine for themselves.
			level('fault', { ...postgres, testTimeout: 600_000, maxWorkers: isLarge ? 1 : 2 }),
		],
	},
});
