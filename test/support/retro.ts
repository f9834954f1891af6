import { ulidSource, type PersonId } from '#core/ids.ts';
import { factOf } from '#core/incident/decide.ts';
import type { Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import type { RetroCommand } from '#core/retro/commands.ts';
import { decideRetro, type RetroContext } from '#core/retro/decide.ts';
import { foldRetro, type RetroState } from '#core/retro/state.ts';
import { ada, nameOf } from './record.ts';

/** A retrospective's record that grows command by command, with a clock that only the test moves. */
export class TestRetro {
	readonly facts: Fact[] = [];
	/** Epoch ms. */
	now = Date.parse('2026-11-24T02:13:00Z');
	/** How many turns the incident's room has. */
	incidentTurn = 7;
	/** How much is written. */
	written = 100;
	readonly #id = ulidSource(
		() => this.now,
		(bytes) => bytes.fill(0),
	);

	/** Ada has begun it and owns it. */
	constructor() {
		const begun = { kind: 'begun', owner: ada, due: null } as const;
		this.facts.push(factOf(this.#contextOf(ada), begun));
	}

	get state(): RetroState {
		return foldRetro(this.facts);
	}

	/** Decides a command and keeps its facts. A refusal fails the test. */
	does(by: PersonId, command: RetroCommand): this {
		const decided = this.asks(by, command);
		if (decided instanceof Refusal) throw decided;
		this.facts.push(...decided);
		return this;
	}

	/** What would come of a command. */
	asks(by: PersonId, command: RetroCommand): readonly Fact[] | Refusal {
		return decideRetro(this.state, command, this.#contextOf(by));
	}

	#contextOf(by: PersonId): RetroContext {
		const { now, incidentTurn, written } = this;
		return { now, by, id: this.#id, nameOf, incidentTurn, written };
	}
}
