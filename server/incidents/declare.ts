import { declare } from '#core/incident/decide.ts';
import type { Person } from '#core/response/access.ts';
import type { DeclareRequest } from '#core/wire.ts';
import { askerOf } from './asker.ts';
import { createIncident, type Created, type CreateParts } from './create.ts';

/**
 * Declares an incident: its number, its document and its first facts, all or nothing. With a key
 * that the person used before, it answers with what came of it then. Throws a `Refusal`.
 */
export function declareIncident(
	parts: CreateParts,
	person: Person,
	request: DeclareRequest,
): Promise<Created> {
	return createIncident(parts, askerOf(person, 'declare', request), (number, context) => ({
		facts: declare({ ...request, number }, context),
	}));
}
