import type { Editor } from '@tiptap/core';
import { yUndoPluginKey } from '@tiptap/y-tiptap';
import type { UndoManager } from 'yjs';

/** Nothing that was typed or deleted in this editor until now can be taken back any more. */
export function forgetUndo(editor: Editor): void {
	if (editor.isDestroyed) return;
	const plugin = yUndoPluginKey.getState(editor.state) as { undoManager: UndoManager } | undefined;
	plugin?.undoManager.clear();
}
