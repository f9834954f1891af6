/** The roles of an incident; the first four stand in the room's header. Each has one holder or none. */
export const roles = [
	'commander',
	'ops',
	'comms',
	'scribe',
	'deputy',
	'liaison',
	'expert',
] as const;
export type Role = (typeof roles)[number];

/** Roles as people call them. */
export const roleNames: Readonly<Record<Role, string>> = {
	commander: 'Commander',
	ops: 'Ops lead',
	comms: 'Comms',
	scribe: 'Scribe',
	deputy: 'Deputy',
	liaison: 'Liaison',
	expert: 'Expert',
};
