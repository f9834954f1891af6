import { referenced, type Referenced } from '#core/incident/notes.ts';
import { prefills, type TemplateSection } from '#core/retro/template.ts';

/** A section while it is edited; it keeps its key wherever it is moved. */
export interface EditedSection extends TemplateSection {
	readonly key: string;
}

/** Sections as they are before anybody changes them. */
export function edited(sections: readonly TemplateSection[]): EditedSection[] {
	return sections.map((section, i) => ({ ...section, key: String(i) }));
}

/** What a form of sections says, in its order. */
export function sectionsOf(form: FormData): EditedSection[] {
	const all = (name: string) => form.getAll(name).map(String);
	const [headings, questions, begins] = [all('heading'), all('question'), all('prefill')];
	return all('key').map((key, i) => ({
		key,
		heading: headings[i] ?? '',
		question: questions[i] ?? '',
		prefill: prefills.find((one) => one === begins[i]),
		references: referencesOf(all(`references-${key}`)),
	}));
}

function referencesOf(chosen: readonly string[]): Referenced[] {
	return referenced.filter((of) => chosen.includes(of));
}

/** Sections after a wish like `add`, `up 2`, `down 2` or `remove 2`, where 2 is a key. */
export function arranged(sections: readonly EditedSection[], wish: string): EditedSection[] {
	const [verb, key] = wish.split(' ');
	if (verb === 'add') {
		const next = Math.max(-1, ...sections.map((one) => Number(one.key) || 0)) + 1;
		return [...sections, { key: String(next), heading: '', question: '' }];
	}
	const from = sections.findIndex((one) => one.key === key);
	const moved = sections[from];
	if (!moved) return [...sections];
	const rest = sections.toSpliced(from, 1);
	if (verb === 'remove') return rest;
	const to = verb === 'up' ? Math.max(from - 1, 0) : from + 1;
	return rest.toSpliced(to, 0, moved);
}
