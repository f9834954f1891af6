import type { EditorProps, EditorView } from '@tiptap/pm/view';
import { isSafeLink } from '#core/incident/notes.ts';

/** A larger piece would come near what one change may weigh. */
const mostCharacters = 100_000;

/** Keeps a paste within bounds, and makes a link of the selection when an address is pasted over it. */
export function pasteGuard(say: (sentence: string) => void): EditorProps {
	return {
		handlePaste: (view, event) => {
			const text = event.clipboardData?.getData('text/plain') ?? '';
			const html = event.clipboardData?.getData('text/html') ?? '';
			return refuse(text, html, say) || linkSelection(view, text.trim());
		},
		handleDrop: (_view, event) => {
			const text = event.dataTransfer?.getData('text/plain') ?? '';
			const html = event.dataTransfer?.getData('text/html') ?? '';
			return refuse(text, html, say);
		},
	};
}

function refuse(text: string, html: string, say: (sentence: string) => void): boolean {
	const isTooLong = text.length > mostCharacters || html.length > 10 * mostCharacters;
	if (isTooLong) say('This is too long for the notes: link to it instead.');
	return isTooLong;
}

function linkSelection(view: EditorView, text: string): boolean {
	const { from, to, empty } = view.state.selection;
	const link = view.state.schema.marks['link'];
	if (empty || !link || !isSafeLink(text) || /\s/.test(text)) return false;
	view.dispatch(view.state.tr.addMark(from, to, link.create({ href: text })));
	return true;
}
