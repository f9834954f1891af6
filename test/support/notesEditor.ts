import { Editor, type JSONContent } from '@tiptap/core';
import { updateYFragment, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import * as Y from 'yjs';
import { notesOf } from '../../core/incident/document.ts';
import { notesExtensions } from '../../src/lib/room/notesSchema.ts';
import { textInEveryBlock } from '../../src/lib/room/notesTexts.ts';
import { oneOf } from './random.ts';

const origin = 'editor';

/** The notes' editor without a browser: its schema and commands, and its binding's way of writing. */
export class NotesEditor {
	readonly editor: Editor;
	readonly #doc: Y.Doc;
	readonly #undo: Y.UndoManager;

	constructor(doc: Y.Doc) {
		this.#doc = doc;
		const content: JSONContent = { type: 'doc', content: [{ type: 'paragraph' }] };
		this.editor = new Editor({ element: null, content, extensions: [...notesExtensions] });
		this.#undo = new Y.UndoManager(notesOf(doc), {
			trackedOrigins: new Set([origin]),
			captureTimeout: 0,
		});
		const { nodes } = this.editor.schema;
		textInEveryBlock(notesOf(doc), (name) => nodes[name]?.isTextblock === true);
	}

	/** Does everything once that the toolbar, the keyboard and a paste do, each at a random selection. */
	actInEveryWay(random: () => number): void {
		for (const command of commands) this.#act(command, random);
	}

	/** Does something that a person does in the notes. */
	actAtRandom(random: () => number): void {
		const choice = random();
		if (choice < 0.08) this.undo();
		else if (choice < 0.12) this.redo();
		else this.#act(oneOf(commands, random), random);
	}

	#act(command: Command, random: () => number): void {
		this.#read();
		try {
			this.#run(command, random);
		} catch (error) {
			// ProseMirror says so where merging arranged the nodes in a way that it would not.
			if (error instanceof Error && /^(Range|Transform)Error$/.test(error.name)) return;
			throw error;
		}
		this.#write();
	}

	#run(command: Command, random: () => number): void {
		const { size } = this.editor.state.doc.content;
		const from = Math.floor(random() * (size + 1));
		const to = random() < 0.5 ? from : Math.floor(random() * (size + 1));
		this.editor.commands.setTextSelection({ from: Math.min(from, to), to: Math.max(from, to) });
		command(this.editor);
	}

	undo(): void {
		orGiveUp(() => this.#undo.undo());
	}

	redo(): void {
		orGiveUp(() => this.#undo.redo());
	}

	/** Shows what the document holds, of which it deletes what does not fit, as the binding does. */
	#read(): void {
		const root = this.#doc.transact(() =>
			yXmlFragmentToProseMirrorRootNode(notesOf(this.#doc), this.editor.schema),
		);
		const content =
			root.content.size > 0 ? root.toJSON() : { type: 'doc', content: [{ type: 'paragraph' }] };
		this.editor.commands.setContent(content as JSONContent);
	}

	#write(): void {
		const meta = { mapping: new Map(), isOMark: new Map() };
		this.#doc.transact(() => {
			updateYFragment(this.#doc, notesOf(this.#doc), this.editor.state.doc, meta);
		}, origin);
	}
}

/** Everything that the toolbar, the keyboard and a paste do. */
const commands: readonly [Command, ...Command[]] = [
	(editor) => type(editor, 'pool is full '),
	(editor) => type(editor, '😀'),
	(editor) => editor.commands.toggleBold(),
	(editor) => editor.commands.toggleItalic(),
	(editor) => editor.commands.toggleStrike(),
	(editor) => editor.commands.toggleCode(),
	(editor) => editor.commands.toggleUnderline(),
	(editor) => editor.commands.unsetAllMarks(),
	(editor) => editor.commands.setMark('link', { href: 'https://example.com/a?b=1#c' }),
	(editor) => editor.commands.setMark('link', { href: 'mailto:ops@example.com' }),
	(editor) => editor.commands.unsetMark('link'),
	...([1, 2, 3, 4, 5, 6] as const).map((level): Command => {
		return (editor) => editor.commands.toggleHeading({ level });
	}),
	(editor) => editor.commands.setParagraph(),
	(editor) => editor.commands.toggleBulletList(),
	(editor) => editor.commands.toggleOrderedList(),
	(editor) => editor.commands.toggleBlockquote(),
	(editor) => editor.commands.toggleCodeBlock(),
	(editor) => editor.commands.setHorizontalRule(),
	(editor) => editor.commands.setHardBreak(),
	(editor) => editor.commands.splitBlock(),
	(editor) => editor.commands.splitListItem('listItem'),
	(editor) => editor.commands.sinkListItem('listItem'),
	(editor) => editor.commands.liftListItem('listItem'),
	(editor) => editor.commands.lift('blockquote'),
	(editor) => editor.commands.joinBackward(),
	(editor) => editor.commands.joinForward(),
	(editor) => editor.commands.deleteSelection(),
	(editor) => editor.commands.clearNodes(),
	(editor) => editor.commands.exitCode(),
	(editor) => editor.commands.insertContent(pasted),
];
type Command = (editor: Editor) => void;

function type(editor: Editor, words: string): void {
	editor.commands.command(({ tr }) => tr.insertText(words).docChanged);
}

const text = (words: string, ...marks: string[]): JSONContent => {
	return { type: 'text', text: words, marks: marks.map((type) => ({ type })) };
};
const paragraph = (...content: JSONContent[]): JSONContent => ({ type: 'paragraph', content });

/** What comes out of a paste from elsewhere. */
const pasted: JSONContent[] = [
	{ type: 'heading', attrs: { level: 3 }, content: [text('Facts')] },
	{
		type: 'bulletList',
		content: [
			{ type: 'listItem', content: [paragraph(text('drain ', 'bold'), text('us-east', 'code'))] },
			{
				type: 'listItem',
				content: [
					paragraph(text('watch')),
					{ type: 'orderedList', content: [{ type: 'listItem', content: [paragraph()] }] },
				],
			},
		],
	},
	{ type: 'blockquote', content: [paragraph(text('it is DNS', 'italic', 'underline'))] },
	{ type: 'codeBlock', content: [text('kubectl get pods\n  -n shop')] },
	{ type: 'horizontalRule' },
];

/** Yjs cannot undo what lay beside something that is gone for good, and says so by a TypeError. */
function orGiveUp(act: () => void): void {
	try {
		act();
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
	}
}
