import type { PersonId } from '#core/ids.ts';
import type { Access, Person } from '#core/response/access.ts';

/** Somebody as the screens need them. */
export interface PersonCard {
	readonly id: PersonId;
	readonly name: string;
	readonly access: Access;
	readonly kind: Person['kind'];
}

/** Names for the ids that documents hold. A name that is not known yet is asked for once. */
export class People {
	#cards = $state.raw<ReadonlyMap<PersonId, PersonCard>>(new Map());
	#isAsking = false;
	readonly #unknown = new Set<PersonId>();

	readonly #others: ReadonlyMap<PersonId, string>;

	/** `others` are people of another Muster, from which an incident came: their ids say nothing of ours. */
	constructor(cards: readonly PersonCard[], others: ReadonlyMap<PersonId, string> = new Map()) {
		this.#others = others;
		this.#cards = new Map(cards.map((card) => [card.id, card]));
	}

	/** Everybody but Muster itself, by name. */
	get all(): readonly PersonCard[] {
		return [...this.#cards.values()]
			.filter(({ kind }) => kind === 'user')
			.sort((a, b) => a.name.localeCompare(b.name));
	}

	readonly nameOf = (person: PersonId): string => {
		const other = this.#others.get(person);
		if (other !== undefined) return other;
		const card = this.#cards.get(person);
		if (card) return card.name;
		this.#wonder(person);
		return 'Somebody';
	};

	/** Whether somebody may only read, as far as this page knows. */
	isViewer(person: PersonId): boolean {
		return this.#cards.get(person)?.access === 'viewer';
	}

	/** Takes names that came with something else. */
	learn(cards: readonly PersonCard[]): void {
		const news = cards.filter(({ id, name }) => this.#cards.get(id)?.name !== name);
		if (news.length === 0) return;
		this.#cards = new Map([...this.#cards, ...news.map((card) => [card.id, card] as const)]);
	}

	#wonder(person: PersonId): void {
		if (this.#unknown.has(person) || typeof window === 'undefined') return;
		this.#unknown.add(person);
		if (this.#isAsking) return;
		this.#isAsking = true;
		setTimeout(() => void this.#ask(), 50);
	}

	async #ask(): Promise<void> {
		try {
			const response = await fetch('/api/v1/people');
			if (!response.ok) throw new Error(`Nobody tells who is here: ${response.status}`);
			const { people } = (await response.json()) as { people: readonly PersonCard[] };
			this.learn(people);
		} catch {
			// The names stay unknown until the next time that one of them appears.
			this.#unknown.clear();
		} finally {
			this.#isAsking = false;
		}
	}
}
