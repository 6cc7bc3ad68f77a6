/**
 * What the console says, in three languages. Each area has a file of its own in `texts/`; a test finds a key
 * that one of the languages lacks. The language is chosen by the member, never from an address.
 */

import { alarms } from "./texts/alarms.ts";
import { log } from "./texts/log.ts";
import { shell } from "./texts/shell.ts";

export type Language = "be" | "ru" | "en";
export const LANGUAGES: readonly Language[] = ["be", "ru", "en"];
export type Texts = Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** All areas; keys are unique, and begin with the area's name. */
const TEXTS: Texts = { ...alarms, ...log, ...shell };

let current: Language = "en";
export const language = (): Language => current;
export function speak(wanted: Language): void {
  current = wanted;
  document.documentElement.lang = wanted;
}

/** A text with {name} for values. An unknown key is a mistake of ours, and shown as it is. */
export function t(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const said = TEXTS[key]?.[current] ?? key;
  return said.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
