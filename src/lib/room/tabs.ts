/** The parts of a room that a narrow screen shows one at a time; the address names the one. */
export const tabs = ['timeline', 'situation', 'tasks', 'notes'] as const;
export type Tab = (typeof tabs)[number];

export const tabNames: Readonly<Record<Tab, string>> = {
	timeline: 'Timeline',
	situation: 'Situation',
	tasks: 'Tasks',
	notes: 'Notes',
};

/** The part that an address' hash names; anything else, an entry too, is in the timeline. */
export function readTab(hash: string): Tab {
	return tabs.find((tab) => `#${tab}` === hash) ?? 'timeline';
}

/** The container's width in pixels up to which a room has that form; `app.css` and the parts cite these. */
const narrowPx = 759;
const mediumPx = 1143;

/** Which link is the current one: a wide room always shows the situation and the timeline. */
export function currentTab(tab: Tab, width: number): Tab {
	if (width > 0 && width <= narrowPx) return tab;
	if (tab === 'tasks' || tab === 'notes') return tab;
	return width > 0 && width <= mediumPx ? 'situation' : 'tasks';
}
