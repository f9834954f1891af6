import { browser } from '$app/environment';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The theme that this device chose. `app.html` applies it before the first paint. */
export function readTheme(): Theme {
	const chosen = browser ? document.documentElement.dataset.theme : undefined;
	return themes.find((theme) => theme === chosen) ?? 'system';
}

/** Chooses a theme for this device, now and later. */
export function setTheme(theme: Theme): void {
	if (theme === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = theme;
	try {
		if (theme === 'system') localStorage.removeItem('theme');
		else localStorage.setItem('theme', theme);
	} catch {
		// Storage is off: the choice holds until the page is loaded again.
	}
}
