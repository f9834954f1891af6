import { isTextField } from '$lib/ui/keys.ts';

/** The key of a press as the room knows it: letters in lower case. */
export function keyOf({ key }: KeyboardEvent): string {
	return key.length === 1 ? key.toLowerCase() : key;
}

/** Whether a key press takes back words, or does them again; null where it is the field's own. */
export function undoKey(event: KeyboardEvent): 'undo' | 'redo' | null {
	if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return null;
	if (isTextField(event.target) || document.querySelector('dialog:modal')) return null;
	const key = keyOf(event);
	if (key === 'y' || (key === 'z' && event.shiftKey)) return 'redo';
	return key === 'z' ? 'undo' : null;
}
