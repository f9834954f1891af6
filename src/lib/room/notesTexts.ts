import * as Y from 'yjs';

/**
 * Gives each block of text that comes into being on this device its shared text at once. The editor's
 * binding makes one with the first letter, so two who begin to type in a new line at the same moment
 * would bring two, of which only one can stay. Gives what ends it.
 */
export function textInEveryBlock(
	notes: Y.XmlFragment,
	isTextBlock: (name: string) => boolean,
): () => void {
	const fill = (events: readonly Y.YEvent<Y.XmlFragment>[], { local }: Y.Transaction) => {
		if (!local) return;
		const added = events.flatMap(({ changes }) => [...changes.added].flatMap(typesIn));
		const bare = added.flatMap((type) => bareIn(type, isTextBlock));
		if (bare.length > 0)
			notes.doc?.transact(() => bare.forEach((block) => block.insert(0, [new Y.XmlText()])));
	};
	const observe = fill as Parameters<typeof notes.observeDeep>[0];
	notes.observeDeep(observe);
	return () => notes.unobserveDeep(observe);
}

function typesIn({ content }: Y.Item): readonly unknown[] {
	return content instanceof Y.ContentType ? [content.type] : [];
}

/** The blocks without a text in a piece of the notes, however deep. */
function bareIn(type: unknown, isTextBlock: (name: string) => boolean): readonly Y.XmlElement[] {
	if (!(type instanceof Y.XmlElement)) return [];
	if (isTextBlock(type.nodeName)) return type.length === 0 ? [type] : [];
	return type.toArray().flatMap((child) => bareIn(child, isTextBlock));
}
