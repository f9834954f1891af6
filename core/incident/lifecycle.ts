/** SEV1 critical … SEV5 cosmetic. When unsure, take the higher one. */
export const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4', 'SEV5'] as const;
export type Severity = (typeof severities)[number];

/** What each severity means, for the moment of choosing. */
export const severityMeanings: Readonly<Record<Severity, string>> = {
	SEV1: 'Critical: very high impact, many customers.',
	SEV2: 'Critical: a major function is down.',
	SEV3: 'Minor customer impact that needs attention now.',
	SEV4: 'Minor: can wait for office hours.',
	SEV5: 'Cosmetic.',
};

/** Where an incident stands. The last four are over; *closed* is sealed too. */
export const statuses = [
	'triage',
	'investigating',
	'identified',
	'monitoring',
	'resolved',
	'closed',
	'declined',
	'cancelled',
] as const;
export type Status = (typeof statuses)[number];

export const statusNames: Readonly<Record<Status, string>> = {
	triage: 'Triage',
	investigating: 'Investigating',
	identified: 'Identified',
	monitoring: 'Monitoring',
	resolved: 'Resolved',
	closed: 'Closed',
	declined: 'Declined',
	cancelled: 'Cancelled',
};

const openStatuses: readonly Status[] = ['triage', 'investigating', 'identified', 'monitoring'];

/** Whether the incident takes no more work: resolved, closed, declined or cancelled. */
export function isOver(status: Status): boolean {
	return !openStatuses.includes(status);
}

/** Why an incident may not be reopened, as a sentence, or null if it may. */
export function whyNotReopen(from: Status): string | null {
	if (from === 'resolved' || from === 'closed') return null;
	return isOver(from)
		? `This incident was ${from}. Declare a new one instead.`
		: 'This incident is open already.';
}

/** Why a status may not follow another, as a sentence, or null if it may. */
export function whyNot(from: Status, to: Status): string | null {
	if (openStatuses.includes(to)) {
		if (!isOver(from)) return null;
		return whyNotReopen(from) ?? 'This incident is over. Reopen it first.';
	}
	switch (to) {
		case 'resolved':
			return isOver(from) ? 'This incident is over already.' : null;
		case 'closed':
			return from === 'resolved' ? null : 'Only a resolved incident can be closed.';
		case 'declined':
			return from === 'triage' ? null : 'Only an incident in triage can be declined.';
		case 'cancelled':
			return isOver(from) ? 'This incident is over already.' : null;
		default:
			return null;
	}
}

/** What the incident is for: only kind `incident` enters metrics. */
export const kinds = ['incident', 'drill', 'maintenance'] as const;
export type Kind = (typeof kinds)[number];

/** How it came to be: while it ran, written down afterwards, or from another system. */
export const origins = ['live', 'backfilled', 'imported'] as const;
export type Origin = (typeof origins)[number];

/** The milestones in their order when all is well; `impactEnded` stands beside it. */
export const milestones = [
	'impactStarted',
	'detected',
	'declared',
	'acknowledged',
	'identified',
	'mitigated',
	'resolved',
	'closed',
	'impactEnded',
] as const;
export type Milestone = (typeof milestones)[number];

export const milestoneNames: Readonly<Record<Milestone, string>> = {
	impactStarted: 'Impact started',
	detected: 'Detected',
	declared: 'Declared',
	acknowledged: 'Acknowledged',
	identified: 'Identified',
	mitigated: 'Mitigated',
	resolved: 'Resolved',
	closed: 'Closed',
	impactEnded: 'Impact ended',
};

/** The milestone that a status reaches when it is entered first. */
export const reachedBy: Readonly<Partial<Record<Status, Milestone>>> = {
	identified: 'identified',
	monitoring: 'mitigated',
	resolved: 'resolved',
	closed: 'closed',
};
