import { createRoute } from '@hono/zod-openapi';
import { roomDocumentOf } from '#core/ids.ts';
import { readEntries, type NewEntry } from '#core/incident/entries.ts';
import { mergeTimeline, readRecord } from '#core/incident/reading.ts';
import { readFacts } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import { entryRequest, type EntryRequest } from '#core/wire.ts';
import { askerOf } from '#server/incidents/asker.ts';
import { limits } from '#server/limits.ts';
import { insist } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { afterwards, incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { describeItem, item } from './reading.ts';

const itemContent = json(item);

const log = createRoute({
	method: 'post',
	path: '/incidents/{id}/entries',
	summary: 'Log a line of the timeline',
	request: { params: incidentParams, body: describedBody(entryRequest) },
	responses: {
		201: { description: 'Logged', content: itemContent },
		200: { description: 'Logged by an earlier request with this key', content: itemContent },
	},
});

/** `/incidents/{id}/entries`: what somebody saw, did or decided. */
export function entryRoutes(parts: IncidentParts): ApiRouter {
	const { rooms, known, now } = parts;
	return newRouter().openapi(log, async (c) => {
		const request = await readBody(c, entryRequest);
		const entry = entryOf(request, now());
		const id = await incidentFor(c, parts, 'command');
		const asker = askerOf(signedIn(c), 'entry', request);
		const logged = await insist(() => rooms.log(id, asker, entry));
		const nameOf = await afterwards(() => known.namesIn(id));
		const line = await afterwards(() =>
			rooms.read(roomDocumentOf(id), (doc) => {
				const record = readRecord(readFacts(doc), nameOf);
				return mergeTimeline(record, readEntries(doc)).find((one) => one.id === logged.id);
			}),
		);
		if (!line) throw new Error('An entry that was just logged is not there.');
		return c.json(describeItem(line, nameOf), logged.isRepeat ? 200 : 201);
	});
}

/** What is to be logged; it happened now unless somebody says when. Throws a `Refusal`. */
function entryOf(request: EntryRequest, now: number): NewEntry {
	const { text, kind = 'note', occurredAt = now, endedAt, approximate, actors, starred } = request;
	const latest = now + limits.clockSkewMs;
	if (occurredAt > latest) {
		throw new Refusal('invalid', 'This time is in the future.', 'occurredAt');
	}
	if (endedAt !== undefined && endedAt > latest) {
		throw new Refusal('invalid', 'This time is in the future.', 'endedAt');
	}
	if (endedAt !== undefined && endedAt < occurredAt) {
		throw new Refusal('invalid', 'This ends before it begins.', 'endedAt');
	}
	return {
		kind,
		text,
		occurredAt,
		...(endedAt === undefined ? {} : { endedAt }),
		...(approximate === undefined ? {} : { approximate }),
		...(actors === undefined ? {} : { actors }),
		...(starred === undefined ? {} : { starred }),
	};
}
