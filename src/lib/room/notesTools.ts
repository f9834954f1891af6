import type { ChainedCommands, Editor } from '@tiptap/core';

/** A button of the notes' toolbar. */
export interface Tool {
	readonly name: string;
	/** What stands on it. */
	readonly sign: string;
	readonly look: 'plain' | 'strong' | 'slanted' | 'struck' | 'mono';
	/** The keys that do the same, after Ctrl or ⌘. */
	readonly keys: string;
	readonly isOn: (editor: Editor) => boolean;
	readonly act: (editor: Editor) => void;
}

/** Everything that the notes can be, but for links, which need an address. */
export const tools: readonly Tool[] = [
	mark('Bold', 'bold', { sign: 'B', look: 'strong', keys: 'B' }),
	mark('Italic', 'italic', { sign: 'I', look: 'slanted', keys: 'I' }),
	mark('Strikethrough', 'strike', { sign: 'S', look: 'struck', keys: 'Shift S' }),
	mark('Code', 'code', { sign: '<>', look: 'mono', keys: 'E' }),
	{
		...block('heading', (chain) => chain.toggleHeading({ level: 2 })),
		name: 'Heading',
		sign: 'H',
		look: 'strong',
		keys: 'Alt 2',
	},
	{
		...block('bulletList', (chain) => chain.toggleBulletList()),
		name: 'Bulleted list',
		sign: '•',
		look: 'plain',
		keys: 'Shift 8',
	},
	{
		...block('orderedList', (chain) => chain.toggleOrderedList()),
		name: 'Numbered list',
		sign: '1.',
		look: 'plain',
		keys: 'Shift 7',
	},
	{
		...block('blockquote', (chain) => chain.toggleBlockquote()),
		name: 'Quote',
		sign: '❝',
		look: 'plain',
		keys: 'Shift B',
	},
	{
		...block('codeBlock', (chain) => chain.toggleCodeBlock()),
		name: 'Code block',
		sign: '{ }',
		look: 'mono',
		keys: 'Alt C',
	},
];

type Look = Omit<Tool, 'name' | 'isOn' | 'act'>;
type Deed = Pick<Tool, 'isOn' | 'act'>;

function mark(name: string, type: string, look: Look): Tool {
	return {
		name,
		...look,
		isOn: (editor) => editor.isActive(type),
		act: (editor) => editor.chain().focus().toggleMark(type).run(),
	};
}

function block(type: string, toggle: (chain: ChainedCommands) => ChainedCommands): Deed {
	return {
		isOn: (editor) => editor.isActive(type),
		act: (editor) => toggle(editor.chain().focus()).run(),
	};
}
