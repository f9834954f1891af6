/** SEV1 critical … SEV5 cosmetic. When unsure, take the higher one. */
export const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4', 'SEV5'] as const;
export type Severity = (typeof severities)[number];

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
