import { createContext } from 'svelte';
import type { LiveIncident } from './LiveIncident.svelte.ts';

/** The live incident of the room: made by the room's page, used by parts that cannot do with plain data. */
export const [getLiveIncident, setLiveIncident] = createContext<LiveIncident>();
