/** What an entry says besides who, when and what, in words; an id is cut, a word that is not known stays as it is. */

import { has, language, t } from "../texts.ts";
import type { Entry } from "./pages.ts";
import { said, who } from "./words.ts";

// Shown with the line itself, or of no use to people: signed documents and proofs.
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...["event", "mechanism", "day", "hour", "record", "member", "client", "proof"],
  ...["withdrawal", "statement", "signature", "objection", "proven"],
]);
const SHORT = 8;
const IDS = /^[0-9a-f]{16,}$/;
const LONG = 60;

/** What the operator does with programs: the program is whom it is about. */
const OF_PROGRAMS: ReadonlySet<string> = new Set(["client.added", "client.revoked"]);

/** The member is whom it is about; who did it is not said in the log of records. */
const OF_MEMBERS: ReadonlySet<string> = new Set([
  ...["member.added", "member.revoked", "membership.added", "membership.removed"],
]);

/** By whose hand where an entry names nobody: these are made by a command of the operator's too. */
const OPERATORS: ReadonlySet<string> = new Set([
  ...["member.invited", "member.admitted", "member.removed", "keys.wrapped", "witness.added"],
]);

const nobodys = (entry: Entry): boolean => !entry.values.has("member") && !entry.values.has("client");

/** Whether the service did it, with nobody asking for it: it drops applications that were not answered. */
export const byItself = (entry: Entry): boolean =>
  nobodys(entry) && said(entry, "event") === "member.removed" && said(entry, "reason") === "expired";

/** Whether the operator did it, at the command line. */
export const byOperator = (entry: Entry): boolean =>
  OF_PROGRAMS.has(said(entry, "event")) ||
  (nobodys(entry) && OPERATORS.has(said(entry, "event")) && !byItself(entry));

/** By whom it was done, as the log's reader is told. */
export const doer = (entry: Entry): string =>
  byItself(entry)
    ? t("log.itself")
    : byOperator(entry)
      ? t("log.operator")
      : OF_MEMBERS.has(said(entry, "event"))
        ? ""
        : who(entry);

/** What was done. What is kept apart from the account is named in the line itself. */
export function done(entry: Entry): string {
  const own = `log.done.${said(entry, "event")}.${said(entry, "class")}`;
  return t(has(own) ? own : `log.event.${said(entry, "event")}`);
}

/** Each of its fields as "what it is: what it says". */
export function details(entry: Entry): string[] {
  const event = said(entry, "event");
  const about = (name: string): boolean =>
    (name === "client" && OF_PROGRAMS.has(event)) || (name === "member" && OF_MEMBERS.has(event));
  const names = [...entry.values.keys()].filter((name) => !ELSEWHERE.has(name) || about(name)).sort();
  return names.map((name) => field(entry, name)).filter(Boolean);
}

function field(entry: Entry, name: string): string {
  const value = said(entry, name);
  if (name === "approved" && said(entry, "withdrawn") === "1") return ""; // nobody refused it
  const flag = `log.said.${name}.${value === "true" ? 1 : value}`;
  if (has(flag)) return t(flag);
  if (name === "subject" && said(entry, "kind") === "export") return t("log.said.records", { count: value });
  const own = `log.field.${said(entry, "event")}.${name}`; // the same name means something else there
  const label = has(own) ? t(own) : has(`log.field.${name}`) ? t(`log.field.${name}`) : name;
  return `${label}: ${inWords(entry, name, value)}`;
}

/** Texts that a word of a field has, by the field's name. */
const TEXTS: Readonly<Record<string, string>> = {
  asked: "log.event.",
  purpose: "purpose.",
  roles: "role.",
  for_roles: "role.",
  class: "record.class.",
  classes: "record.class.",
  why: "approvals.reason.",
  reason: "log.reason.",
  what_for: "exports.reason.",
  status: "inbox.status.",
  standing: "messages.",
  changed: "log.changed.",
  kind: "log.kindof.",
  what: "log.whatof.",
  alarm: "log.alarm.",
  log: "log.kind.",
};

function inWords(entry: Entry, name: string, value: string): string {
  const raw = entry.values.get(name);
  if (Array.isArray(raw)) return new Intl.NumberFormat(language()).format(raw.length);
  const start = TEXTS[name];
  const words = start
    ? value.split(" ").map((each) => (has(start + each) ? t(start + each) : each))
    : [value];
  const all = start ? words.join(", ") : value;
  if (IDS.test(all)) return `${all.slice(0, SHORT)}…`;
  return all.length > LONG && !start ? `${all.slice(0, LONG)}…` : all;
}

/** What an opening belonged to, as far as entries beside it show: a record that was next assigned, or exported. */
export type Part = "assigning" | "exporting";

/** By the index of the entry that opened. */
export function partOf(entries: readonly Entry[]): ReadonlyMap<number, Part> {
  const found = new Map<number, Part>();
  const opened = new Map<string, Entry>();
  const exported = new Map<string, Entry>();
  for (const entry of entries) {
    const [event, member, record] = ["event", "member", "record"].map((name) => said(entry, name));
    if (entry.bad || !member || !record) continue;
    const key = `${member} ${record}`;
    if (event === "record.exported") exported.set(key, entry);
    if (event === "record.assigned") {
      const before = opened.get(key);
      if (near(before, entry) && entry.values.has("to")) found.set(before.index, "assigning");
    }
    if (event !== "record.opened") continue;
    // An export makes one opening, soon: whatever is opened later, or again, somebody read.
    if (near(exported.get(key), entry)) found.set(entry.index, "exporting");
    exported.delete(key);
    opened.set(key, entry);
  }
  return found;
}

/** The openings that only served to assign, by index. */
export function assigning(entries: readonly Entry[]): ReadonlySet<number> {
  return new Set([...partOf(entries)].filter(([, part]) => part === "assigning").map(([index]) => index));
}

const near = (before: Entry | undefined, entry: Entry): before is Entry =>
  before !== undefined && hours(entry) - hours(before) <= 1;
const hours = (entry: Entry): number =>
  Date.parse(`${said(entry, "day")}T00:00:00Z`) / 3_600_000 + Number(said(entry, "hour"));
