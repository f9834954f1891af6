import * as Y from 'yjs';

/** What is typed is the edit's number, so that whoever receives it can tell without decoding. */
const width = 4;
const mark = '#';

/** One person's typing, encoded beforehand: the n-th update holds the n-th of these numbers. */
export function encodeTyping(numbers: readonly number[]): Uint8Array[] {
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	const line = new Y.XmlText();
	const paragraph = new Y.XmlElement('paragraph');
	paragraph.insert(0, [line]);
	doc.on('update', (update: Uint8Array) => updates.push(update));
	doc.transact(() => {
		doc.getXmlFragment('notes').insert(0, [paragraph]);
		line.insert(0, textOf(numbers[0] ?? 0));
	});
	for (const number of numbers.slice(1)) line.insert(line.length, textOf(number));
	doc.destroy();
	return updates;
}

function textOf(number: number): string {
	return mark + number.toString(36).padStart(width, '0');
}

/** The numbers that stand in a message, merged or not. */
export function* numbersIn(data: Buffer): Generator<number> {
	const code = mark.charCodeAt(0);
	for (let at = data.indexOf(code); at >= 0; at = data.indexOf(code, at + 1)) {
		const number = parseInt(data.toString('latin1', at + 1, at + 1 + width), 36);
		if (number >= 0) yield number;
	}
}
