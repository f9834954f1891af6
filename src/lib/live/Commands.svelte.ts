import type { IncidentId } from '#core/ids.ts';
import type { RecordPart } from '#core/incident/reading.ts';
import { statusNames } from '#core/incident/lifecycle.ts';
import { roleNames } from '#core/incident/roles.ts';
import type { CommandRequest } from '#core/wire.ts';

/** A command as a screen gives it: instants as ISO 8601, no key. */
export type Wish = WithoutKey<CommandInput>;
type CommandInput = CommandRequest extends infer Request
	? Request extends { type: 'setMilestone' }
		? Omit<Request, 'at' | 'expects'> & { at: string | null; expects?: string | null }
		: Request
	: never;
type WithoutKey<Request> = Request extends unknown ? Omit<Request, 'idempotencyKey'> : never;

/** A sentence about a command, with at most one thing to do about it. */
export interface Notice {
	readonly tone: 'done' | 'refused';
	readonly text: string;
	readonly action: { readonly label: string; readonly act: () => void } | null;
}

const attempts = 4;
const noticeMs = 10_000;

/** Sends commands to the server, which decides; says in words what came of them. */
export class Commands {
	readonly #incident: IncidentId;
	#notice = $state.raw<Notice | null>(null);
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor(incident: IncidentId) {
		this.#incident = incident;
	}

	get notice(): Notice | null {
		return this.#notice;
	}

	dismiss(): void {
		this.#say(null);
	}

	/** Keeps the notice on the screen while somebody reads or reaches for it. */
	hold(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}

	/** Lets the notice go after a while. */
	letGo(): void {
		this.hold();
		if (this.#notice) this.#timer = setTimeout(() => this.dismiss(), noticeMs);
	}

	/** Sends a command; true if it holds now. `before` is what it changes, for the way back. */
	async send(wish: Wish, before: RecordPart): Promise<boolean> {
		const answer = await this.#post({ ...wish, idempotencyKey: crypto.randomUUID() });
		if (answer === null) {
			const back = wayBack(wish, before);
			if (back) this.#say(doneNotice(wish, () => void this.send(back, before)));
			return true;
		}
		const again = answer.code === 'conflict' && 'expects' in wish ? withoutExpects(wish) : null;
		this.#say({
			tone: 'refused',
			text: answer.message,
			action: again && { label: labelOf(again), act: () => void this.send(again, before) },
		});
		return false;
	}

	/** Null if it went well. The key makes it safe to repeat what may or may not have arrived. */
	async #post(body: object): Promise<{ code: string; message: string } | null> {
		for (let attempt = 1; ; attempt++) {
			const answer = await this.#postOnce(body);
			const isWorthAnother = answer !== null && ['unavailable', 'unclear'].includes(answer.code);
			if (!isWorthAnother || attempt === attempts) return answer;
			await new Promise((resume) => setTimeout(resume, 400 * 2 ** attempt));
		}
	}

	async #postOnce(body: object): Promise<{ code: string; message: string } | null> {
		const away = { code: 'unavailable', message: 'Muster cannot be reached. Nothing was changed.' };
		try {
			const response = await fetch(`/api/v1/incidents/${this.#incident}/commands`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
			if (response.ok) return null;
			const answer = (await response.json()) as { error?: { code: string; message: string } };
			return answer.error ?? away;
		} catch {
			return { ...away, message: 'Muster cannot be reached. Try again when you are connected.' };
		}
	}

	#say(notice: Notice | null): void {
		this.#notice = notice;
		this.letGo();
	}
}

function withoutExpects(wish: Wish): Wish {
	const { expects: _seen, ...rest } = wish as Wish & { expects?: unknown };
	return rest as Wish;
}

function doneNotice(wish: Wish, undo: () => void): Notice {
	return { tone: 'done', text: `${labelOf(wish)}: done.`, action: { label: 'Undo', act: undo } };
}

function labelOf(wish: Wish): string {
	switch (wish.type) {
		case 'setSeverity':
			return `Set ${wish.severity ?? 'severity “not set”'}`;
		case 'setStatus':
			return `Set ${statusNames[wish.status]}`;
		case 'rename':
			return 'Rename';
		case 'assignRole':
		case 'takeRole':
			return `Assign ${roleNames[wish.role]}`;
		case 'releaseRole':
			return `Release ${roleNames[wish.role]}`;
		default:
			return 'Do it';
	}
}

/** The command that undoes another, or null where there is no simple one. */
function wayBack(wish: Wish, before: RecordPart): Wish | null {
	switch (wish.type) {
		case 'setSeverity':
			return { type: 'setSeverity', severity: before.severity, expects: wish.severity };
		case 'rename':
			return { type: 'rename', title: before.title, expects: wish.title };
		case 'setStatus':
			if (wish.status === 'resolved' || wish.status === 'closed') return null;
			return { type: 'setStatus', status: before.status, expects: wish.status };
		case 'assignRole': {
			const holder = before.roles[wish.role];
			return holder
				? { type: 'assignRole', role: wish.role, person: holder.person, expects: wish.person }
				: { type: 'releaseRole', role: wish.role, expects: wish.person };
		}
		default:
			return null;
	}
}
