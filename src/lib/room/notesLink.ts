import { InputRule, Mark, markPasteRule } from '@tiptap/core';
import { isSafeLink } from '#core/incident/notes.ts';

/** An address in running text, without the punctuation behind it. */
const inText = /(?:https?:\/\/|mailto:)[^\s<>"]{0,2000}[^\s<>".,;:!?)\]]/gi;
const justTyped = /(?:^|\s)((?:https?:\/\/|mailto:)[^\s<>"]{0,2000}[^\s<>".,;:!?)\]])(\s)$/i;

/** A link of the notes: an address and nothing else, and only one that is safe to follow. */
export const NotesLink = Mark.create({
	name: 'link',
	priority: 1000,
	inclusive: false,
	keepOnSplit: false,

	addAttributes() {
		return { href: { default: null } };
	},

	parseHTML() {
		return [
			{
				tag: 'a[href]',
				getAttrs: (element) => {
					const href = element.getAttribute('href');
					return href !== null && isSafeLink(href) ? { href } : false;
				},
			},
		];
	},

	/** What somebody else's client wrote is not trusted either: an odd address is shown as text. */
	renderHTML({ mark }) {
		const href: unknown = mark.attrs['href'];
		if (typeof href !== 'string' || !isSafeLink(href)) return ['span', 0];
		return ['a', { href, target: '_blank', rel: 'noopener noreferrer' }, 0];
	},

	addInputRules() {
		return [
			new InputRule({
				find: justTyped,
				handler: ({ state, range, match }) => {
					const [all, href = '', blank = ' '] = match;
					const from = range.from + all.indexOf(href);
					state.tr
						.addMark(from, from + href.length, this.type.create({ href }))
						.removeStoredMark(this.type)
						.insertText(blank, range.to);
				},
			}),
		];
	},

	addPasteRules() {
		return [
			markPasteRule({
				find: inText,
				type: this.type,
				getAttributes: ([href]) => ({ href }),
			}),
		];
	},
});
