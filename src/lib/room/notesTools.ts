import type { ChainedCommands, Editor } from '@tiptap/core';

/** A button of the notes' toolbar. */
export interface Tool {
	readonly name: string;
	/** What stands on it. */
	readonly sign: string;
	/** The keys that do the same, after Ctrl or ⌘. */
	readonly keys: string;
	readonly isOn: (editor: Editor) => boolean;
	readonly act: (editor: Editor) => void;
}

/** Everything that the notes can be, but for links, which need an address. */
export const tools: readonly Tool[] = [
	mark('Bold', 'B', { type: 'bold', keys: 'B' }),
	mark('Italic', 'I', { type: 'italic', keys: 'I' }),
	mark('Strikethrough', 'S', { type: 'strike', keys: 'Shift S' }),
	mark('Code', '<>', { type: 'code', keys: 'E' }),
	block('Heading', 'H', {
		type: 'heading',
		keys: 'Alt 2',
		toggle: (chain, isOn) => (isOn ? chain.setParagraph() : chain.setHeading({ level: 2 })),
	}),
	block('Bulleted list', '•', {
		type: 'bulletList',
		keys: 'Shift 8',
		toggle: (chain) => chain.toggleBulletList(),
	}),
	block('Numbered list', '1.', {
		type: 'orderedList',
		keys: 'Shift 7',
		toggle: (chain) => chain.toggleOrderedList(),
	}),
	block('Quote', '❝', {
		type: 'blockquote',
		keys: 'Shift B',
		toggle: (chain) => chain.toggleBlockquote(),
	}),
	block('Code block', '{ }', {
		type: 'codeBlock',
		keys: 'Alt C',
		toggle: (chain) => chain.toggleCodeBlock(),
	}),
];

function mark(name: string, sign: string, { type, keys }: { type: string; keys: string }): Tool {
	return {
		name,
		sign,
		keys,
		isOn: (editor) => editor.isActive(type),
		act: (editor) => editor.chain().focus().toggleMark(type).run(),
	};
}

interface Kind {
	readonly type: string;
	readonly keys: string;
	readonly toggle: (chain: ChainedCommands, isOn: boolean) => ChainedCommands;
}

function block(name: string, sign: string, { type, keys, toggle }: Kind): Tool {
	return {
		name,
		sign,
		keys,
		isOn: (editor) => editor.isActive(type),
		act: (editor) => toggle(editor.chain().focus(), editor.isActive(type)).run(),
	};
}
