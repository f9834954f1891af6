import type { Context } from 'hono';
import { Refusal } from '#core/refusal.ts';
import { may, type Action, type Person } from '#core/response/access.ts';
import type { ApiEnv } from './env.ts';

/** Who asks. Throws a `Refusal` if nobody is signed in. */
export function signedIn(c: Context<ApiEnv>): Person {
	const identity = c.get('identity');
	if (!identity) throw new Refusal('signedOut', 'Sign in first.');
	return identity.person;
}

/** Who asks, if they may do this where no incident is concerned. Throws a `Refusal` otherwise. */
export function allowed(c: Context<ApiEnv>, action: Action): Person {
	const person = signedIn(c);
	if (may(person, action, null)) return person;
	throw new Refusal(
		'forbidden',
		action === 'administer'
			? 'Only an admin can do this.'
			: 'You are a viewer here: you see everything and change nothing.',
	);
}
