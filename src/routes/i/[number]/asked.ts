import type { Milestone } from '#core/incident/lifecycle.ts';
import type { TimelineItem } from '#core/incident/reading.ts';
import type { Role } from '#core/incident/roles.ts';

/** What a room asks in a dialog, one at a time. */
export type Asked =
	| {
			readonly what:
				| 'severity'
				| 'services'
				| 'phase'
				| 'resolve'
				| 'roles'
				| 'rename'
				| 'link'
				| 'here'
				| 'keys';
	  }
	| { readonly what: 'role'; readonly role: Role }
	| { readonly what: 'milestone'; readonly milestone: Milestone }
	| { readonly what: 'time' | 'kind'; readonly item: TimelineItem }
	/** Without an entry: any text. */
	| { readonly what: 'remove'; readonly item: TimelineItem | null };
