import type { PersonId } from '#core/ids.ts';

/** Muster itself: nobody signs in as it, and nobody can be made it. */
export const systemPerson = '00000000-0000-0000-0000-000000000000' as PersonId;
