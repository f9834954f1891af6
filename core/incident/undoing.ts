import * as Y from 'yjs';

const { integrate } = Y.Item.prototype as unknown as { integrate: (this: void) => void };

/**
 * Has every undo put things back between two that are side by side. Yjs' own remembers neighbours that
 * may have changed places, or have others between them, where what held them was itself put back; it
 * then writes what copies read in different orders (https://github.com/yjs/yjs/issues/794).
 */
Y.Item.prototype.integrate = function (transaction, offset) {
	if (isPutBack(this, transaction)) putSideBySide(this);
	Reflect.apply(integrate, this, [transaction, offset]);
};

function isPutBack({ id, parentSub }: Y.Item, { origin, doc }: Y.Transaction): boolean {
	return origin instanceof Y.UndoManager && id.client === doc.clientID && parentSub === null;
}

/** Directly before the right neighbour; after the left one if that is the last or comes after the right. */
function putSideBySide(item: Y.Item): void {
	const { left, right, parent } = item;
	const next = left ? left.right : parent instanceof Y.AbstractType ? parent._start : null;
	if (right && comesFrom(next, right)) {
		item.left = right.left;
		item.origin = right.left?.lastId ?? null;
	} else {
		item.right = next;
		item.rightOrigin = next?.id ?? null;
	}
}

function comesFrom(first: Y.Item | null, wanted: Y.Item): boolean {
	let item = first;
	while (item && item !== wanted) item = item.right;
	return item !== null;
}
