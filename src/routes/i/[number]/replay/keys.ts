/** The keys of a replay, as they are listed for people. */
export const keyGroups = [
	{
		name: 'Where',
		keys: [
			['← →', 'Five seconds back, forward'],
			['Shift ← →', 'One minute back, forward'],
			[', .', 'Line before, line after'],
			['[ ]', 'Mark before, mark after'],
			['Home End', 'Beginning, end'],
			['T', 'Type a time'],
		],
	},
	{
		name: 'How',
		keys: [
			['Space', 'Play, stop'],
			['1 2 3 4', 'Speed: 1×, 10×, 60×, 300×'],
			['A', 'As known, as it happened'],
		],
	},
	{
		name: 'What changed',
		keys: [
			['I', 'Compare from here'],
			['O', 'Compare to here'],
			['D', 'What is different'],
		],
	},
	{
		name: 'To take along',
		keys: [['Q', 'Put this moment into the retrospective']],
	},
	{
		name: 'In the timeline',
		keys: [['J K', 'Next, previous line']],
	},
] as const;
