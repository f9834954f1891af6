import type { IncidentId } from '#core/ids.ts';
import type { ActionAnswer } from '#core/learning/actionsWire.ts';
import { actionVerbs, type ActionVerbs } from '$lib/learning/actionVerbs.ts';
import { askAgain } from '$lib/learning/askAgain.ts';

/** An incident's action items: they are no part of the document, and change on other pages too. */
export class ActionList {
	readonly verbs: ActionVerbs;
	readonly #incident: IncidentId;
	#all = $state.raw<readonly ActionAnswer[] | null>(null);

	constructor(incident: IncidentId) {
		this.#incident = incident;
		this.verbs = actionVerbs(incident, () => this.#ask());
	}

	/** As they are now; null before they were asked for. */
	get all(): readonly ActionAnswer[] | null {
		return this.#all;
	}

	/** Asks again whenever they may have changed; gives what ends that. */
	start(): () => void {
		return askAgain(() => this.#ask());
	}

	async #ask(): Promise<void> {
		const path = `/api/v1/incidents/${this.#incident}/actions`;
		const response = await fetch(path).catch(() => null);
		if (!response?.ok) return; // they are asked for again soon
		this.#all = ((await response.json()) as { actions: readonly ActionAnswer[] }).actions;
	}
}
