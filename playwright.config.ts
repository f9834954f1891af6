import { defineConfig } from '@playwright/test';
import { chromiumFlags } from './test/support/chromium.ts';

/** Browsers: one at a time, no second chances, on the Chromium that `npm test` found. */
export default defineConfig({
	testDir: 'test/e2e',
	testMatch: '**/*.test.ts',
	globalSetup: './test/support/e2eTemplate.ts',
	outputDir: 'test-results',
	workers: 1,
	retries: 0,
	timeout: 60_000,
	expect: { timeout: 10_000 },
	forbidOnly: true,
	reporter: 'list',
	use: {
		browserName: 'chromium',
		launchOptions: {
			executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
			args: chromiumFlags,
		},
		trace: { mode: 'retain-on-failure', screenshots: false },
		timezoneId: 'UTC',
		locale: 'en-GB',
	},
});
