/** One stretch of a text replaced by another, positions in UTF-16 units. */
export interface TextChange {
	readonly at: number;
	readonly remove: number;
	readonly insert: string;
}

/**
 * The smallest change that makes one text of another, or null if they are equal. `caret` is where
 * typing ended in the new text: among equal letters it tells which of them are new.
 */
export function changeBetween(before: string, after: string, caret: number): TextChange | null {
	if (before === after) return null;
	const shorter = Math.min(before.length, after.length);
	let tail = 0;
	const mostTail = Math.min(shorter, after.length - Math.min(caret, after.length));
	while (tail < mostTail && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
	let head = 0;
	while (head < shorter - tail && before[head] === after[head]) head++;
	while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
	if (head > 0 && isHighSurrogate(before, head - 1)) head--;
	if (tail > 0 && isLowSurrogate(before, before.length - tail)) tail--;
	return {
		at: head,
		remove: before.length - head - tail,
		insert: after.slice(head, after.length - tail),
	};
}

function isHighSurrogate(text: string, at: number): boolean {
	return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isLowSurrogate(text: string, at: number): boolean {
	return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

/** Where a position ends up when a change happens elsewhere: text typed at it stays behind it. */
export function movedBy(changes: readonly TextChange[], position: number): number {
	let moved = position;
	for (const { at, remove, insert } of changes) {
		if (at >= moved) continue;
		moved = Math.max(at, moved - remove) + insert.length;
	}
	return moved;
}
