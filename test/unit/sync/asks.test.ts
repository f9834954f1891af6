import { afterEach, expect, test } from 'vitest';
import type { Fact } from '#core/incident/record.ts';
import type { Command } from '#core/wire.ts';
import { systemClock } from '#server/sync/clock.ts';
import { Ask, decideWish, type Asker } from '#server/sync/turn/asks.ts';
import { grace, linus, nameOf, TestRecord } from '../../support/record.ts';

const asks: Ask[] = [];
afterEach(() => {
	for (const ask of asks.splice(0)) ask.accept({ facts: [], entry: null, isRepeat: false });
});

const takesOps: Command = { type: 'takeRole', role: 'ops' };
const personOf = (id: typeof grace) =>
	({ id, name: nameOf(id), kind: 'user', access: 'responder' }) as const;

function askOf(asker: Asker, command: Command): Ask {
	const ask = new Ask(systemClock, asker, { kind: 'command', command });
	asks.push(ask);
	return ask;
}

function decided(record: TestRecord, ask: Ask) {
	const { id } = record.contextOf(linus);
	const { facts, state, now } = record;
	return decideWish(ask, { facts, state, now, id, nameOf, written: () => 0 });
}

test('a claim to a role that comes too late is refused once it is on record', async () => {
	const record = new TestRecord().declare().does(grace, takesOps);
	const ask = askOf({ person: personOf(linus) }, takesOps);
	const decision = decided(record, ask);
	expect(decision.facts).toMatchObject([{ kind: 'claimed', role: 'ops', by: linus }]);
	ask.accept({ isRepeat: false, ...decision, entry: null });
	await expect(ask.outcome).rejects.toMatchObject({ message: 'Grace is Ops lead already.' });
});

test('a late claim that is repeated with its key is refused again and not written twice', () => {
	const record = new TestRecord().declare().does(grace, takesOps);
	const asker = { person: personOf(linus), key: 'k', print: 'p' };
	const { facts } = decided(record, askOf(asker, takesOps));
	record.facts.push(...(facts as Fact[]));
	expect(() => decided(record, askOf(asker, takesOps))).toThrow('Somebody else was faster');
});
