import { Node, type AnyExtension } from '@tiptap/core';
import { referenced, type Referenced } from '#core/incident/notes.ts';
import { richText } from '$lib/room/notesSchema.ts';

/** Shows what a reference stands for, in an element of the editor; gives what takes it away again. */
export type ShowReference = (host: HTMLElement, of: Referenced) => () => void;

/** A report is the rich text of the notes with references between its blocks, and nowhere deeper. */
const Report = Node.create({
	name: 'doc',
	topNode: true,
	content: '(block | reference)+',
});

function referenceNode(show: ShowReference) {
	return Node.create({
		name: 'reference',
		atom: true,
		selectable: true,

		addAttributes() {
			return { of: { default: 'timeline' } };
		},

		parseHTML() {
			return [
				{
					tag: 'div[data-reference]',
					getAttrs: (element) => {
						const of = referencedIn(element.dataset['reference']);
						return of === null ? false : { of };
					},
				},
			];
		},

		renderHTML({ node }) {
			return ['div', { 'data-reference': String(node.attrs['of']) }];
		},

		/** What stands in it is its own: the editor neither reads its changes nor hears its keys. */
		addNodeView() {
			return ({ node }) => {
				const dom = document.createElement('div');
				const of = referencedIn(node.attrs['of']);
				dom.contentEditable = 'false';
				dom.className = 'reference';
				const leave = of === null ? null : show(dom, of);
				return {
					dom,
					ignoreMutation: () => true,
					stopEvent: (event) => event.target !== dom,
					destroy: () => leave?.(),
				};
			};
		},
	});
}

/** What a reference is of, or null for what Muster does not know. */
function referencedIn(of: unknown): Referenced | null {
	return referenced.find((name) => name === of) ?? null;
}

/** The rich text of a report, with what its references show. */
export function reportExtensions(show: ShowReference): readonly AnyExtension[] {
	return [...richText({ document: false }), Report, referenceNode(show)];
}
