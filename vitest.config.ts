import { defineConfig } from 'vitest/config';

const level = (name: string, options: object = {}) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

/** Tests by what they need: nothing, a real PostgreSQL, or something that breaks. */
export default defineConfig({
	test: {
		projects: [
			level('unit'),
			level('integration', { testTimeout: 30_000, hookTimeout: 60_000, maxWorkers: 2 }),
			level('fault', { testTimeout: 600_000, hookTimeout: 60_000, maxWorkers: 1 }),
		],
	},
});
