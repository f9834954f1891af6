/** Why the domain says no. Doors translate a code to an HTTP status or a close code; the core knows no numbers. */
export type RefusalCode =
	| 'invalid' // the request makes no sense as it is: `field` names the part
	| 'unknown' // no such thing, or not for you: both read the same
	| 'forbidden' // you may see it, but not do this
	| 'signedOut' // nobody is signed in
	| 'conflict' // somebody was faster, or the state does not allow it
	| 'outdated' // the page and the server are too far apart: load the page again
	| 'sealed' // the incident is closed and takes no more edits
	| 'tooLarge'
	| 'tooMany' // slow down
	| 'unavailable' // nothing was written: try again
	| 'unclear'; // it may or may not have been written: repeat with the same key

/** The domain says no: a code for programs and a sentence for a person. Anything else thrown is a fault. */
export class Refusal extends Error {
	readonly code: RefusalCode;
	readonly field: string | undefined;

	constructor(code: RefusalCode, message: string, field?: string) {
		super(message);
		this.name = 'Refusal';
		this.code = code;
		this.field = field;
	}
}
