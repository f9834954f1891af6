/** What the page of a retrospective asks in a dialog, one at a time. */
export type RetroAsked = 'owner' | 'due' | 'reviewers' | 'return' | 'publish' | 'here';
