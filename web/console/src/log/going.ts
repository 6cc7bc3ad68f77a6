/** From another view to the log, with what to look for there. */

import { createContext } from "preact";
import { EVERYTHING, type Filter } from "./words.ts";

let wanted: Filter | undefined;

/** What the log is opened for: once. */
export function taken(): Filter {
  const found = wanted ?? EVERYTHING;
  wanted = undefined;
  return found;
}

/** Say what it will be opened for. */
export function wish(filter: Partial<Filter>): void {
  wanted = { ...EVERYTHING, ...filter };
}

/** Goes to a view by its name. */
export const Go = createContext<(view: string) => void>(() => undefined);
