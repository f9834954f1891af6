import { isTextField } from '$lib/ui/keys.ts';

/** The room's keys, as they are listed for people. */
export const keyGroups = [
	{
		name: 'The incident',
		keys: [
			['L', 'Log: go to the composer'],
			['S', 'Severity'],
			['P', 'Phase'],
			['R', 'Roles'],
			['R I', 'Commander'],
			['R O', 'Ops lead'],
			['R C', 'Comms'],
			['R S', 'Scribe'],
			['T', 'New task'],
			['E', 'Rename the incident'],
			['?', 'These keys'],
		],
	},
	{
		name: 'In the timeline',
		keys: [
			['J K', 'Next, previous entry'],
			['N', 'First new entry'],
			['G', 'Newest entry'],
			['E', 'Edit the entry'],
			['B', 'Change its time'],
			['X', 'Key entry, or not'],
			['.', 'More for the entry'],
			['Esc', 'Back to the composer'],
		],
	},
	{
		name: 'While you type',
		keys: [
			['Enter', 'Log'],
			['Shift Enter', 'New line'],
			['↑', 'Edit my last entry'],
			['Ctrl Z', 'Take back my last words'],
			['Esc', 'Leave the field'],
		],
	},
	{
		name: 'Everywhere',
		keys: [['C', 'Declare an incident']],
	},
] as const;

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
