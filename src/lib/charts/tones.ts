import type { Tone } from './drawing.ts';

/** A tone as a word that ids and classes may hold. */
export function wordOf(tone: Tone): string {
	return tone.toLowerCase().replace(' ', '');
}

/** The colours of a tone, as custom properties of the page: its area, what is drawn on it, its edge. */
export function coloursOf(tone: Tone): string {
	const name = wordOf(tone);
	if (name.startsWith('sev')) {
		return `--fill: var(--${name}); --ink: var(--on-${name}); --edge: var(--${name}-border)`;
	}
	return others[name] ?? '';
}

function accent(percent: number): string {
	return `--fill: color-mix(in oklab, var(--accent) ${percent}%, var(--bg)); --edge: transparent`;
}

const others: Readonly<Record<string, string>> = {
	notset: '--fill: var(--bg); --ink: var(--border-strong); --edge: var(--border-strong)',
	heat0: '--fill: var(--surface); --edge: var(--border)',
	heat1: accent(25),
	heat2: accent(50),
	heat3: accent(75),
	heat4: accent(100),
	plain: '--fill: var(--accent); --edge: var(--accent)',
	few: '--fill: var(--bg); --edge: var(--accent)',
};
