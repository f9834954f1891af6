import { ulidSource, type EntryId, type PersonId } from '#core/ids.ts';
import { decide, declare, loggedFact, type Context } from '#core/incident/decide.ts';
import { foldRecord, type RecordState } from '#core/incident/fold.ts';
import type { Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import type { Command, DeclareRequest } from '#core/wire.ts';

export const ada = '0a000000-0000-4000-8000-000000000001' as PersonId;
export const grace = '0a000000-0000-4000-8000-000000000002' as PersonId;
export const linus = '0a000000-0000-4000-8000-000000000003' as PersonId;

const names = new Map([
	[ada, 'Ada'],
	[grace, 'Grace'],
	[linus, 'Linus'],
]);

export function nameOf(person: PersonId): string {
	return names.get(person) ?? 'Somebody';
}

/** An incident's record that grows command by command, with a clock that only the test moves. */
export class TestRecord {
	readonly facts: Fact[] = [];
	/** Epoch ms. */
	now = Date.parse('2026-11-24T02:13:00Z');
	readonly #id = ulidSource(
		() => this.now,
		(bytes) => bytes.fill(0),
	);

	get state(): RecordState {
		return foldRecord(this.facts);
	}

	contextOf(by: PersonId): Context {
		return { now: this.now, by, id: this.#id, nameOf };
	}

	/** Ada declares it unless somebody else does. */
	declare(input: Partial<DeclareRequest> = {}, by: PersonId = ada): this {
		const declared = { title: 'checkout is down', number: 42, ...input };
		this.facts.push(...declare(declared, this.contextOf(by)));
		return this;
	}

	/** Decides a command and keeps its facts. A refusal fails the test. */
	does(by: PersonId, command: Command): this {
		const decided = this.asks(by, command);
		if (decided instanceof Refusal) throw decided;
		this.facts.push(...decided);
		return this;
	}

	/** What would come of a command. */
	asks(by: PersonId, command: Command): readonly Fact[] | Refusal {
		return decide(this.state, command, this.contextOf(by));
	}

	logs(by: PersonId, entry: EntryId): this {
		this.facts.push(loggedFact(entry, this.contextOf(by)));
		return this;
	}

	later(ms: number): this {
		this.now += ms;
		return this;
	}
}
