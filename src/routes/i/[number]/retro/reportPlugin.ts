import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import { hintsIn, type Hint } from '#core/retro/hints.ts';
import type { Stretch } from './anchors.ts';

/** What is drawn over a report's text: questions for empty sections, hints, and what is commented on. */
export interface Drawn {
	/** The question under a heading, or null. */
	readonly promptOf: (heading: string) => string | null;
	/** Whether a hint about these words is shown. */
	readonly isShown: (words: string) => boolean;
	readonly commented: (state: EditorState) => readonly Stretch[];
}

const key = new PluginKey<{ hints: readonly Hint[]; drawn: DecorationSet }>('report');

/** Tells the plugin that what is drawn is another than before. */
export const redraw = key;

/** A plugin that draws it. */
export function reportPlugin(drawn: Drawn): Plugin {
	const read = (state: EditorState) => {
		const hints = hintsOfText(state.doc).filter(({ words }) => drawn.isShown(words));
		return { hints, drawn: DecorationSet.create(state.doc, decorationsOf(state, hints, drawn)) };
	};
	return new Plugin({
		key,
		state: {
			init: (_config, state) => read(state),
			apply: (transaction, before, ...[, state]) =>
				transaction.docChanged || transaction.getMeta(key) ? read(state) : before,
		},
		props: { decorations: (state) => key.getState(state)?.drawn ?? null },
	});
}

/** The hints about a report's text, at their places in the editor. */
export function hintsOf(state: EditorState): readonly Hint[] {
	return key.getState(state)?.hints ?? [];
}

function decorationsOf(
	state: EditorState,
	hints: readonly Hint[],
	{ promptOf, commented }: Drawn,
): Decoration[] {
	return [
		...promptsIn(state.doc, promptOf),
		...hints.map(({ from, to, question }) =>
			Decoration.inline(from, to, { class: 'hinted', title: question }),
		),
		...commented(state).map(({ from, to }) => Decoration.inline(from, to, { class: 'commented' })),
	];
}

/** An empty paragraph below a heading shows the heading's question. */
function promptsIn(doc: Node, promptOf: Drawn['promptOf']): Decoration[] {
	const prompts: Decoration[] = [];
	doc.forEach((node, offset, index) => {
		const above = index > 0 ? doc.child(index - 1) : null;
		if (above?.type.name !== 'heading' || !isBlank(node)) return;
		const prompt = promptOf(above.textContent);
		if (prompt === null) return;
		const end = offset + node.nodeSize;
		prompts.push(Decoration.node(offset, end, { class: 'prompted', 'data-prompt': prompt }));
	});
	return prompts;
}

function isBlank(node: Node): boolean {
	return node.type.name === 'paragraph' && node.content.size === 0;
}

// Nodes never change, so what was found in one stays right.
const known = new WeakMap<Node, readonly Hint[]>();

function hintsOfText(doc: Node): Hint[] {
	const hints: Hint[] = [];
	doc.descendants((node, at) => {
		if (!node.isTextblock || node.type.spec.code) return;
		const found = known.get(node) ?? hintsIn(lettersOf(node));
		known.set(node, found);
		const start = at + 1;
		for (const hint of found) hints.push({ ...hint, from: start + hint.from, to: start + hint.to });
	});
	return hints;
}

/** As many letters as the block has positions. */
function lettersOf(block: Node): string {
	return block.textBetween(0, block.content.size, undefined, '\n');
}
