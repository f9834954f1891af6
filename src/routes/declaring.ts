import { createContext } from 'svelte';

/** Turns a click on a link to `/incidents/new` into the declare dialog. */
export type Declare = (event: MouseEvent) => void;

/** Handed down by the root layout, which owns the dialog. Without scripts the link itself leads to a page. */
export const [getDeclare, setDeclare] = createContext<Declare>();
