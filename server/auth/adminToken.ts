import type { PersonId } from '#core/ids.ts';
import type { Person } from '#core/response/access.ts';

/** Whom calls with `MUSTER_ADMIN_TOKEN` act as. */
export const adminToken: Person = {
	id: '00000000-0000-0000-0000-000000000001' as PersonId,
	name: 'Admin token',
	kind: 'token',
	access: 'admin',
};
