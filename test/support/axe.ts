import AxeBuilder from '@axe-core/playwright';
import type { BrowserContextOptions, Page } from '@playwright/test';

/** The screens that pages are looked at on. */
export const screens: Readonly<Record<string, BrowserContextOptions>> = {
	desk: { viewport: { width: 1440, height: 900 } },
	phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
};

/** What axe finds on a page in light and in dark, in words: WCAG 2.0 to 2.2 at A and AA, and best practice. */
export async function faultsOn(page: Page): Promise<string[]> {
	const faults: string[] = [];
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		// There are no frames, so nothing needs another page to be put together.
		const { violations } = await new AxeBuilder({ page })
			.setLegacyMode()
			.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
			.analyze();
		for (const { id, help, nodes } of violations)
			for (const { target } of nodes) {
				faults.push(`${colorScheme}: ${id} (${help}): ${target.join(' ')}`);
			}
	}
	return faults;
}
