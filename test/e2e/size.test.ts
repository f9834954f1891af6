import { expect, test } from '@playwright/test';
import { bundleOf, stylesOf } from '../bench/bundles.ts';

const kib = 1024;

test('a room loads at most 140 KiB of JavaScript before the editor of its notes', async () => {
	expect(await bundleOf('/i/[number]')).toBeLessThanOrEqual(140 * kib);
});

test('the board loads at most 60 KiB of JavaScript', async () => {
	expect(await bundleOf('/')).toBeLessThanOrEqual(60 * kib);
});

test('the insights load at most 60 KiB of JavaScript', async () => {
	expect(await bundleOf('/insights')).toBeLessThanOrEqual(60 * kib);
});

for (const route of ['/', '/insights', '/i/[number]', '/incidents/new', '/settings/people']) {
	test(`the page ${route} loads at most 14 KiB of CSS`, async () => {
		expect(await stylesOf(route)).toBeLessThanOrEqual(14 * kib);
	});
}
