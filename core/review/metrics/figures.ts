/** A figure beside the measures, and how it is counted in one sentence. */
export interface Figure {
	readonly name: string;
	readonly definition: string;
}

/** What is counted of a period beside the measures, by its field in the answer. */
export const figures = {
	incidents: {
		name: 'Incidents',
		definition:
			'Incidents that were declared in the period, of every origin. Drills, maintenance and what was declined, cancelled or merged do not count.',
	},
	undated: {
		name: 'Without a declaration',
		definition:
			'Incidents that nobody has given a declared time. They are in no period until somebody does.',
	},
	downtimeMs: {
		name: 'Downtime',
		definition:
			'The time in the period in which at least one incident of the downtime severities was an outage: from the start of the impact, else the declaration, to its end, else the resolution. Overlaps count once, an open outage lasts until now.',
	},
	failures: {
		name: 'Failures',
		definition: 'Incidents of the downtime severities that were declared in the period.',
	},
	mtbfMs: {
		name: 'MTBF',
		definition:
			'Mean time between failures: the period until now without its downtime, divided by the failures.',
	},
	availability: {
		name: 'Availability',
		definition: 'The share of the period until now that is no downtime.',
	},
	commanderGapMs: {
		name: 'Time without a commander',
		definition:
			'How long live incidents were open with nobody in command. An acting commander is one.',
	},
	withoutUpdateMs: {
		name: 'Time without an update',
		definition:
			'How long live incidents were open past the 30 minutes in which the next update is due. An update is an entry of kind comms or update.',
	},
	peopleMs: {
		name: 'People-hours',
		definition:
			'How long people were in the rooms of these incidents. Somebody in one room with several tabs counts once.',
	},
	nights: {
		name: 'Nights',
		definition:
			'Nights in which somebody was in such a room between 22:00 and 06:00, in the stated time zone.',
	},
	peopleNights: {
		name: 'People-nights',
		definition: 'The same, once for each person and night. Never who.',
	},
	corrections: {
		name: 'Corrected later',
		definition:
			'Incidents of the period of which a time that was known was corrected after the period had ended.',
	},
	retros: {
		name: 'Retrospectives',
		definition: 'Of the incidents that are resolved: how many have a published retrospective.',
	},
	actionsDone: {
		name: 'Actions closed',
		definition:
			'Of the actions whose due day was in the period: how many are done now. What was dropped does not count.',
	},
	actionsOpen: {
		name: 'Open actions',
		definition: 'Actions that are open now, whenever they are due, and the median of their ages.',
	},
} as const satisfies Readonly<Record<string, Figure>>;
