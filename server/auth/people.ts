import type { Sql } from 'postgres';
import { isUuid, type PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Access, Person } from '#core/response/access.ts';
import { limits } from '#server/limits.ts';
import {
	findByEmail,
	forgetPerson,
	lockAdmins,
	readChangedPeople,
	readPeople,
	updateAccess,
} from '#server/storage/people.ts';
import { readMadeTokens } from '#server/storage/tokens.ts';

/** Everybody who acts here, in memory: names are asked for at every reading. */
export class People {
	readonly #sql: Sql;
	readonly #accessChanged: (person: PersonId) => void;
	#people: ReadonlyMap<PersonId, Person> = new Map();
	/** Those who were removed, and whose sockets have heard of it. */
	readonly #removed = new Set<PersonId>();
	#hasAdmin = false;

	/** `accessChanged` hears of everybody whose rights are others than before. */
	constructor(sql: Sql, accessChanged: (person: PersonId) => void) {
		this.#sql = sql;
		this.#accessChanged = accessChanged;
	}

	/** Reads everybody from the store. */
	async load(): Promise<void> {
		const before = this.#people;
		const people = await readPeople(this.#sql);
		// What was learnt meanwhile is not older than what was read.
		const learnt = [...this.#people].filter(([id, person]) => before.get(id) !== person);
		this.#people = new Map([...people.map((person) => [person.id, person] as const), ...learnt]);
	}

	/** Everybody, tokens and those who are gone too, as their names stand in incidents. */
	get all(): readonly Person[] {
		return [...this.#people.values()];
	}

	/** Whether anybody is an admin. There is one for ever after: the last one stays. */
	get hasAdmin(): boolean {
		return (this.#hasAdmin ||= this.all.some(isAdmin));
	}

	readonly nameOf = (person: PersonId): string => this.#people.get(person)?.name ?? 'Somebody';

	/** Somebody by id, also if another node knows them only. */
	async find(person: PersonId): Promise<Person | null> {
		if (!this.#people.has(person)) await this.load();
		return this.#people.get(person) ?? null;
	}

	/** Takes in somebody who is new or has changed. */
	learn(person: Person): void {
		this.#people = new Map(this.#people).set(person.id, person);
	}

	/** Learns whom other nodes have brought in, changed or removed lately; their sockets hear of it. */
	async refresh(): Promise<void> {
		for (const row of await readChangedPeople(this.#sql, limits.changedPeopleMs)) {
			const { isRemoved, ...person } = row;
			const before = this.#people.get(person.id);
			const isNewlyRemoved = isRemoved && !this.#removed.has(person.id);
			if (isRemoved) this.#removed.add(person.id);
			this.learn(person);
			const isOther = before !== undefined && before.access !== person.access;
			if (isOther || isNewlyRemoved) await this.#tellOf(person.id);
		}
	}

	/** Gives somebody another access. Throws a `Refusal`: the last admin stays one. */
	async giveAccess(person: PersonId, access: Access): Promise<Person> {
		const changed = await this.#sql.begin(async (tx) => {
			const admins = await lockAdmins(tx);
			if (access !== 'admin' && admins.length === 1 && admins[0] === person) {
				throw new Refusal(
					'conflict',
					'This is the only admin. Make somebody else one first.',
					'access',
				);
			}
			return updateAccess(tx, person, access);
		});
		if (!changed) throw new Refusal('unknown', 'There is no such person.');
		const before = this.#people.get(person)?.access;
		this.learn(changed);
		if (before !== access) await this.#tellOf(person);
		return changed;
	}

	/**
	 * Forgets who somebody was: name, address, and whatever let them in. What they wrote stays, by somebody
	 * forgotten. Gives the sessions that ended. Throws a `Refusal`: the last admin stays.
	 */
	async forget(wanted: string): Promise<readonly string[]> {
		const person = isUuid(wanted) ? (wanted as PersonId) : await findByEmail(this.#sql, wanted);
		if (!person) throw new Refusal('unknown', 'There is no such person.');
		const tokens = await readMadeTokens(this.#sql, person);
		const forgotten = await this.#sql.begin(async (tx) => {
			const admins = await lockAdmins(tx);
			if (admins.length === 1 && admins[0] === person) {
				throw new Refusal('conflict', 'This is the only admin. Make somebody else one first.');
			}
			return forgetPerson(tx, person, 'Somebody forgotten');
		});
		if (!forgotten) throw new Refusal('unknown', 'There is no such person.');
		this.learn(forgotten.person);
		this.#removed.add(person);
		for (const one of [person, ...tokens]) this.#accessChanged(one);
		return forgotten.sessions;
	}

	/** A token may never do more than who made it. */
	async #tellOf(maker: PersonId): Promise<void> {
		this.#accessChanged(maker);
		for (const token of await readMadeTokens(this.#sql, maker)) this.#accessChanged(token);
	}
}

function isAdmin({ kind, access }: Person): boolean {
	return kind === 'user' && access === 'admin';
}
