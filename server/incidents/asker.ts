import { createHash } from 'node:crypto';
import type { Person } from '#core/response/access.ts';
import type { Asker } from '#server/sync/turn/asks.ts';

/** Who asks for something (`declare`, `command` …), and how the same request is known when it is repeated. */
export function askerOf(
	person: Person,
	what: string,
	request: { readonly idempotencyKey?: string | undefined },
): Asker {
	const { idempotencyKey: key, ...rest } = request;
	return key === undefined ? { person } : { person, key, print: printOf({ what, ...rest }) };
}

/** SHA-256 of a request in a form that does not depend on the order of its fields. */
function printOf(request: object): string {
	const fields = Object.entries(request).filter(([, value]) => value !== undefined);
	const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
	return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}
