import type { Person } from '#core/response/access.ts';
import type { LayoutServerLoad } from './$types';

/** Who is signed in. A page that needs somebody asks for more and is refused. */
export const load: LayoutServerLoad = async ({ fetch }) => {
	const response = await fetch('/api/v1/session');
	const body = response.ok ? ((await response.json()) as { person: Person }) : { person: null };
	return { person: body.person };
};
