/**
 * What the console says, in three languages. Each area has a file of its own in `texts/`; a test finds a key
 * that one of the languages lacks. The language is chosen by the member, never from an address.
 */

import { alarms } from "./texts/alarms.ts";
import { keys } from "./texts/keys.ts";
import { cases } from "./texts/cases.ts";
import { due } from "./texts/due.ts";
import { exports } from "./texts/exports.ts";
import { log } from "./texts/log.ts";
import { logFields } from "./texts/log_fields.ts";
import { approvals } from "./texts/approvals.ts";
import { enrol } from "./texts/enrol.ts";
import { inbox } from "./texts/inbox.ts";
import { limits } from "./texts/limits.ts";
import { login } from "./texts/login.ts";
import { messages } from "./texts/messages.ts";
import { oneself } from "./texts/oneself.ts";
import { people } from "./texts/people.ts";
import { purposes } from "./texts/purposes.ts";
import { record } from "./texts/record.ts";
import { recover } from "./texts/recover.ts";
import { refusals } from "./texts/refusals.ts";
import { refusalsWork } from "./texts/refusals_work.ts";
import { roles } from "./texts/roles.ts";
import { shell } from "./texts/shell.ts";
import { trust } from "./texts/trust.ts";
import { work } from "./texts/work.ts";

export type Language = "be" | "ru" | "en";
export const LANGUAGES: readonly Language[] = ["be", "ru", "en"];
export type Texts = Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** All areas; keys are unique, and begin with the area's name. */
const TEXTS: Texts = {
  ...alarms,
  ...cases,
  ...due,
  ...enrol,
  ...exports,
  ...keys,
  ...log,
  ...logFields,
  ...approvals,
  ...enrol,
  ...inbox,
  ...limits,
  ...login,
  ...messages,
  ...oneself,
  ...people,
  ...purposes,
  ...record,
  ...recover,
  ...refusals,
  ...refusalsWork,
  ...roles,
  ...shell,
  ...trust,
  ...work,
};

/** The language that the browser asks for, until the member chooses. */
const wanted = (globalThis.navigator?.languages ?? []).map((each) => each.slice(0, 2));
let current: Language = LANGUAGES.find((each) => wanted[0] === each) ?? "en";
export const language = (): Language => current;
export function speak(wanted: Language): void {
  current = wanted;
  document.documentElement.lang = wanted;
}

/** Whether there is such a text. */
export const has = (key: string): boolean => Object.hasOwn(TEXTS, key);

/** What the server refused, in words; `detail` is for developers, and shown where there are none yet. */
export function told(code: string, detail: string): string {
  const key = `refusal.${code}`;
  return key in TEXTS ? t(key) : t("shell.failed", { why: detail || code });
}

/** A text that depends on how many: `<key>.one`, `.few`, `.many`, or `<key>.other` where one of them is not there. */
export function plural(key: string, count: number): string {
  const form = `${key}.${new Intl.PluralRules(current).select(count)}`;
  return t(has(form) ? form : `${key}.other`, { count });
}

/** A text with {name} for values. An unknown key is a mistake of ours, and shown as it is. */
export function t(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const said = TEXTS[key]?.[current] ?? key;
  return said.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
