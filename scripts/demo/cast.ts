import { DemoPerson, type Account, type Place } from './person.ts';

/** The one password of everybody in the demo. */
export const password = 'everybody knows this';

const people = {
	priya: ['Priya R', 'admin'],
	jo: ['Jo M', 'responder'],
	sam: ['Sam T', 'responder'],
	maya: ['Maya K', 'responder'],
	omar: ['Omar H', 'responder'],
	lena: ['Lena V', 'viewer'],
} as const;

export type Role = keyof typeof people;
export type Cast = Readonly<Record<Role, DemoPerson>>;

/** What somebody of the demo signs in with. */
export function accountOf(role: Role): Account {
	return { name: people[role][0], email: `${role}@example.com`, password };
}

/** Everybody joins: Priya by the first-run link, the others by her invitations. */
export async function gather(place: Place, setupLink: string): Promise<Cast> {
	const token = setupLink.split('/').at(-1) ?? '';
	const priya = await DemoPerson.join(place, '/setup', { ...accountOf('priya'), token });
	const invited = async (role: Role): Promise<DemoPerson> => {
		const { url } = await priya.ask('POST /invitations', { access: people[role][1] });
		const door = `/invitations/${String(url).split('/').at(-1)}`;
		return DemoPerson.join(place, door, accountOf(role));
	};
	const [jo, sam, maya] = await Promise.all([invited('jo'), invited('sam'), invited('maya')]);
	const [omar, lena] = await Promise.all([invited('omar'), invited('lena')]);
	return { priya, jo, sam, maya, omar, lena };
}
