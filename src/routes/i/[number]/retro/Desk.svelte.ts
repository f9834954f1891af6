import type { Editor } from '@tiptap/core';
import type { Anchor } from '#core/retro/facts.ts';
import type { Stretch } from './anchors.ts';

/** An editor that is open, with what only it knows of its text. */
interface Open {
	readonly editor: Editor;
	/** The stretch that is selected, held fast; null if nothing is. */
	readonly anchor: () => Anchor | null;
	/** Where an anchor's stretch is now; null if it is gone. */
	readonly stretch: (anchor: Anchor) => Stretch | null;
}

/** What the page does with the report's editor, while there is one. */
export class Desk {
	#open = $state.raw<Open | null>(null);
	#commenting = $state.raw<Anchor | null>(null);

	/** The editor is there, or is gone. */
	opened(open: Open | null): void {
		this.#open = open;
	}

	get isOpen(): boolean {
		return this.#open !== null;
	}

	/** What the comment is about that is being written; null for the report as a whole. */
	get commenting(): Anchor | null {
		return this.#commenting;
	}

	/** Begins a comment on what is selected. */
	beginComment(): void {
		this.#commenting = this.#open?.anchor() ?? null;
	}

	/** The comment is written, or is none. */
	endComment(): void {
		this.#commenting = null;
	}

	/** Whether what a comment is about still stands in the text. */
	holds(anchor: Anchor): boolean {
		return (this.#open?.stretch(anchor) ?? null) !== null;
	}

	/** Selects what a comment is about; false if it is gone. */
	show(anchor: Anchor): boolean {
		const stretch = this.#open?.stretch(anchor) ?? null;
		if (stretch) this.select(stretch);
		return Boolean(stretch);
	}

	/** Selects a stretch and brings it into sight. */
	select({ from, to }: Stretch): void {
		this.#open?.editor.chain().focus().setTextSelection({ from, to }).scrollIntoView().run();
	}

	/** Puts a link where the caret is, and the caret behind it. */
	insertLink(text: string, href: string): void {
		this.#open?.editor
			.chain()
			.focus()
			.insertContent([
				{ type: 'text', text, marks: [{ type: 'link', attrs: { href } }] },
				{ type: 'text', text: ' ' },
			])
			.run();
	}

	/** Puts a link into a paragraph of its own below the timeline, or at the end; brings it into sight. */
	quote(text: string, href: string): void {
		const editor = this.#open?.editor;
		if (!editor) return;
		let at = editor.state.doc.content.size;
		editor.state.doc.forEach((node, offset) => {
			if (node.type.name === 'reference' && node.attrs['of'] === 'timeline') {
				at = offset + node.nodeSize;
			}
		});
		const link = { type: 'text', text, marks: [{ type: 'link', attrs: { href } }] };
		editor
			.chain()
			.insertContentAt(at, { type: 'paragraph', content: [link] })
			.focus(at + 1 + text.length)
			.scrollIntoView()
			.run();
	}

	/** Goes below the nth heading of the report, from 0. */
	goTo(heading: number): void {
		const editor = this.#open?.editor;
		if (!editor) return;
		let seen = -1;
		let end: number | null = null;
		editor.state.doc.forEach((node, offset) => {
			if (node.type.name === 'heading') seen += 1;
			if (node.type.name === 'heading' && seen === heading) end = offset + node.nodeSize - 1;
		});
		if (end !== null) editor.chain().focus(end).scrollIntoView().run();
	}
}
