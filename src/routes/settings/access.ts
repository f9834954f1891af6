import type { Access } from '#core/response/access.ts';

/** Access as people call it. */
export const accessNames: Readonly<Record<Access, string>> = {
	viewer: 'Viewer',
	responder: 'Responder',
	admin: 'Admin',
};

/** What each access allows, in one sentence. */
export const accessMeanings: Readonly<Record<Access, string>> = {
	viewer: 'Sees every incident, changes nothing.',
	responder: 'Declares incidents and works on them.',
	admin: 'Works on incidents, invites people and gives access.',
};
