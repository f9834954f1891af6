/**
 * The new list with the old list's objects wherever nothing changed, so that a screen redraws only
 * what did; the old list itself if it is the same throughout.
 */
export function keepUnchanged<Item extends { readonly id: string }>(
	before: readonly Item[],
	after: readonly Item[],
): readonly Item[] {
	const known = new Map(before.map((item) => [item.id, item]));
	const merged = after.map((item) => {
		const old = known.get(item.id);
		return old && isSame(old, item) ? old : item;
	});
	const isUnchanged =
		merged.length === before.length && merged.every((item, i) => item === before[i]);
	return isUnchanged ? before : merged;
}

function isSame(a: object, b: object): boolean {
	const one = Object.entries(a);
	const other = new Map(Object.entries(b));
	return one.length === other.size && one.every(([name, value]) => isEqual(other.get(name), value));
}

/** Values are the same, or lists of the same values. */
function isEqual(one: unknown, other: unknown): boolean {
	if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
	return one.length === other.length && one.every((value, i) => value === other[i]);
}
