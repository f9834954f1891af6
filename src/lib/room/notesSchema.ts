import type { AnyExtension } from '@tiptap/core';
import StarterKit, { type StarterKitOptions } from '@tiptap/starter-kit';
import { headingTag } from './headings.ts';
import { NotesLink } from './notesLink.ts';

const levels: readonly number[] = [1, 2, 3, 4, 5, 6];

/** Nodes and marks keep exactly what the reading of the notes knows: no languages, starts or classes. */
function plain(extension: AnyExtension): AnyExtension {
	switch (extension.name) {
		case 'heading':
			return extension.extend({
				parseHTML: () => levels.map((level) => headingRule(level)),
				renderHTML: ({ node }: { node: { attrs: { level: number } } }) => [
					headingTag(node.attrs.level),
					{ 'data-level': node.attrs.level },
					0,
				],
			});
		case 'orderedList':
		case 'codeBlock':
			return extension.extend({ addAttributes: () => ({}) });
		default:
			return extension;
	}
}

function headingRule(level: number) {
	return {
		tag: `h${level}`,
		getAttrs: (element: HTMLElement) => {
			const own = Number(element.dataset['level']);
			return { level: levels.includes(own) ? own : level };
		},
	};
}

/**
 * Rich text as the notes have it, for an editor that leaves out or brings some of it. Undo is the
 * collaboration's, so that it takes back only what I typed. No node is added at the end by itself: every
 * open editor would write it into the document.
 */
export function richText(but: Partial<StarterKitOptions> = {}): readonly AnyExtension[] {
	const kit = StarterKit.extend({
		addExtensions() {
			return (this.parent?.() ?? []).map(plain);
		},
	});
	return [
		kit.configure({
			...{ undoRedo: false, trailingNode: false, link: false, dropcursor: false },
			...but,
		}),
		NotesLink,
	];
}

/** The rich text of the notes. */
export const notesExtensions = richText();
