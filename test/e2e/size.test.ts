import { expect, test } from '@playwright/test';
import { bundleOf } from '../bench/bundles.ts';

const kib = 1024;

test('a room loads at most 140 KiB of JavaScript before the editor of its notes', async () => {
	expect(await bundleOf('/i/[number]')).toBeLessThanOrEqual(140 * kib);
});

test('the board loads at most 60 KiB of JavaScript', async () => {
	expect(await bundleOf('/')).toBeLessThanOrEqual(60 * kib);
});
