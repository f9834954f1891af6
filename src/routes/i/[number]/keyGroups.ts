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
