import type { PersonId } from '#core/ids.ts';
import { colourOf } from '#core/people.ts';

/** Who the server says that somebody is. */
type User = Record<string, unknown>;

/** Somebody's caret: a line in their colour, with their name, because a colour alone names nobody. */
export function caretOf(user: User): HTMLElement {
	const caret = document.createElement('span');
	caret.className = 'remote-caret';
	caret.style.setProperty('--person', colour(user));
	// The names of those who are here stand below the notes; in the text they would be read aloud.
	caret.setAttribute('aria-hidden', 'true');
	const name = document.createElement('span');
	name.textContent = typeof user['name'] === 'string' ? user['name'] : 'Somebody';
	caret.append(name);
	return caret;
}

/** What somebody has selected, as attributes of the text. */
export function selectionOf(user: User): Record<string, string> {
	return { class: 'remote-selection', style: `--person: ${colour(user)}` };
}

function colour({ id }: User): string {
	return colourOf((typeof id === 'string' ? id : '') as PersonId);
}
