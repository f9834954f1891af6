/** A person, a token that acts as one, or Muster itself: a UUID. */
export type PersonId = string & { readonly brand: 'PersonId' };
/** An incident's lasting id, also the id of its room's document: a UUID. */
export type IncidentId = string & { readonly brand: 'IncidentId' };
/** A live document, an incident's room or its retrospective: a UUID. */
export type DocumentId = string & { readonly brand: 'DocumentId' };
/** A line of the timeline that a person logged: a ULID, so that ids made later sort later. */
export type EntryId = string & { readonly brand: 'EntryId' };
/** A task: a ULID. */
export type TaskId = string & { readonly brand: 'TaskId' };
/** A contributing factor or a lesson: a ULID. */
export type FindingId = string & { readonly brand: 'FindingId' };
/** A fact of the record: a ULID. */
export type FactId = string & { readonly brand: 'FactId' };

/** What a live document is to its incident. */
export type DocumentKind = 'room' | 'retro';

/** Where the version stands in a UUID. Incidents have random ones, of version 4. */
const versionAt = 14;
/** RFC 9562: whatever its maker wants it to say. */
const ownVersion = '8';

/** The document of an incident's room: it has the incident's id. */
export function roomDocumentOf(incident: IncidentId): DocumentId {
	return incident as string as DocumentId;
}

/** The document of an incident's retrospective: the incident's id as a UUID of version 8. */
export function retroDocumentOf(incident: IncidentId): DocumentId {
	return withVersion(incident, ownVersion) as DocumentId;
}

/** The document of this kind that an incident has, or may have. */
export function documentOf(incident: IncidentId, kind: DocumentKind): DocumentId {
	return kind === 'room' ? roomDocumentOf(incident) : retroDocumentOf(incident);
}

/** What a document is to its incident. */
export function kindOf(document: DocumentId): DocumentKind {
	return document.charAt(versionAt) === ownVersion ? 'retro' : 'room';
}

/** The incident to which a document belongs. */
export function incidentOf(document: DocumentId): IncidentId {
	const id: string = kindOf(document) === 'room' ? document : withVersion(document, '4');
	return id as IncidentId;
}

/** Whether a text may be an incident's id: a UUID that is not a retrospective's. */
export function isIncidentId(text: string): text is IncidentId {
	return isUuid(text) && kindOf(text as DocumentId) === 'room';
}

function withVersion(id: string, version: string): string {
	return id.slice(0, versionAt) + version + id.slice(versionAt + 1);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a UUID in lower case, the only form that Muster's ids have. */
export function isUuid(text: string): boolean {
	return uuid.test(text);
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Whether a text is a ULID (https://github.com/ulid/spec) in upper case. */
export function isUlid(text: string): boolean {
	return ulid.test(text);
}

/**
 * A source of ULIDs that grow strictly, also within a millisecond and when the clock steps back.
 * `now` gives epoch milliseconds, `random` fills a byte array.
 */
export function ulidSource(now: () => number, random: (bytes: Uint8Array) => void): () => string {
	let at = 0;
	const tail = new Uint8Array(16); // 80 random bits as sixteen digits of five bits
	return function nextUlid() {
		const next = now();
		if (next > at) {
			at = next;
			random(tail);
			for (let i = 0; i < tail.length; i++) tail[i] = (tail[i] ?? 0) & 31;
		} else if (!increment(tail)) {
			at += 1;
			tail.fill(0);
		}
		return timeDigits(at) + Array.from(tail, (digit) => crockford[digit]).join('');
	};
}

function increment(digits: Uint8Array): boolean {
	for (let i = digits.length - 1; i >= 0; i--) {
		if (digits[i] !== 31) {
			digits[i] = (digits[i] ?? 0) + 1;
			return true;
		}
		digits[i] = 0;
	}
	return false;
}

function timeDigits(at: number): string {
	let text = '';
	for (let rest = at, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
		text = crockford[rest % 32] + text;
	}
	return text;
}

/** When a ULID was made, by the clock of whoever made it: epoch ms. */
export function timeOfUlid(id: EntryId | TaskId | FactId): number {
	let at = 0;
	for (const digit of id.slice(0, 10)) at = at * 32 + Math.max(0, crockford.indexOf(digit));
	return at;
}
