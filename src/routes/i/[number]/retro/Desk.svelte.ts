import type { Editor } from '@tiptap/core';
import { untrack } from 'svelte';
import type { Anchor } from '#core/retro/facts.ts';
import { isTextField } from '$lib/ui/keys.ts';
import type { Stretch } from './anchors.ts';

/** An editor that is open, with what only it knows of its text. */
interface Open {
	readonly editor: Editor;
	/** The stretch that is selected, held fast; null if nothing is. */
	readonly anchor: () => Anchor | null;
	/** Where an anchor's stretch is now; null if it is gone. */
	readonly stretch: (anchor: Anchor) => Stretch | null;
}

/** Does something in the editor, which takes no focus from whoever types elsewhere when it comes. */
type Act = (editor: Editor, isElsewhere: boolean) => void;

/** What the page does with the report's editor; where it goes and what it puts in may wait for the editor to come. */
export class Desk {
	#open = $state.raw<Open | null>(null);
	/** What was asked for before the editor was there, in order. */
	#waiting: Act[] = [];
	#commenting = $state.raw<Anchor | null>(null);

	/** The editor is there, or is gone. */
	opened(open: Open | null): void {
		this.#open = open;
		if (!open) return;
		const isElsewhere = isTextField(document.activeElement);
		const waiting = this.#waiting.splice(0);
		// What the editor reads meanwhile is nothing that its opening depends on.
		untrack(() => waiting.forEach((act) => act(open.editor, isElsewhere)));
	}

	#whenOpen(act: Act): void {
		if (this.#open) act(this.#open.editor, false);
		else this.#waiting.push(act);
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
		const content = [
			{ type: 'text', text, marks: [{ type: 'link', attrs: { href } }] },
			{ type: 'text', text: ' ' },
		];
		this.#whenOpen((editor, isElsewhere) => {
			const chain = isElsewhere ? editor.chain() : editor.chain().focus();
			chain.insertContent(content).run();
		});
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
		this.#whenOpen((editor, isElsewhere) => {
			if (!isElsewhere) goBelow(editor, heading);
		});
	}
}

function goBelow(editor: Editor, heading: number): void {
	let seen = -1;
	let end: number | null = null;
	editor.state.doc.forEach((node, offset) => {
		if (node.type.name === 'heading') seen += 1;
		if (node.type.name === 'heading' && seen === heading) end = offset + node.nodeSize - 1;
	});
	if (end !== null) editor.chain().focus(end).scrollIntoView().run();
}
