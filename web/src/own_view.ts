/**
 * What a receipt's holder is shown of their own record, as values: the twin of `intake/http/public/overview.py`,
 * without the words. Made where the record is open, and handed to the page.
 */

import { type Accesses, keptBack } from "./accesses.ts";
import type { Choice } from "./consent.ts";
import type { Class } from "./crypto/compartments.ts";
import type { Json, JsonObject } from "./crypto/encoding.ts";
import { checkLabel } from "./crypto/record_reader.ts";
import type { Statement } from "./crypto/statement.ts";
import { inOrder, type Said, valuesOf } from "./opened.ts";
import { listOf, type Own, statementsOf } from "./own.ts";

/** A text or a section as it was said on a day; `earlier` is what it replaced, the newest first. */
export interface Told {
  readonly id: string;
  readonly day: string;
  readonly values: Readonly<Record<string, Json>>;
  readonly earlier: readonly Told[];
}

/** A file; `id` is its label's part, `only` who alone may open it (undefined: it goes with the others). */
export interface FileView {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly kind: Class;
  readonly only: readonly string[] | undefined;
  readonly values: Readonly<Record<string, Json>>;
}

/** One revision: who was allowed what, whose consent ended. */
export interface Step {
  readonly number: number;
  readonly day: string;
  readonly sealed: boolean;
  readonly rows: readonly StepRow[];
  readonly ended: readonly string[];
}

export interface StepRow {
  readonly mechanism: string;
  readonly purposes: readonly string[];
  readonly classes: readonly string[];
  readonly expires: string | null;
  readonly successor: boolean;
  readonly version: string;
  readonly language: string;
  readonly fresh: boolean;
  readonly less: boolean;
}

/** What was done on one day, and how often. */
export interface Line {
  readonly day: string;
  readonly mechanism: string;
  readonly event: string;
  readonly roles: string;
  readonly purpose: string;
  readonly count: number;
}

/**
 * All that the pages show. `untrue`: the list of accesses does not hold; `problems` are parts that do not.
 * `restored` is the mechanism that gave this receipt in place of one that is lost. `unread` are mechanisms of
 * whose choice the receipt opens nothing: contact, name and conditions in it are not known.
 */
export interface View {
  readonly restored: string | null;
  readonly day: string;
  readonly sealed: boolean;
  readonly blind: boolean;
  readonly problems: number;
  readonly untrue: boolean;
  readonly gone: readonly string[];
  readonly choices: readonly Choice[];
  readonly unread: readonly string[];
  readonly standings: readonly JsonObject[];
  readonly withdrawals: readonly JsonObject[];
  readonly deletion: Json;
  readonly restorations: readonly JsonObject[];
  readonly texts: readonly Told[];
  readonly sections: readonly Told[];
  readonly files: readonly FileView[];
  readonly accesses: readonly Line[];
  readonly read: Readonly<Record<string, string>>;
  readonly later: readonly (readonly [day: string, count: number])[];
  readonly ledger: readonly Step[];
}

/** What is shown of a record and of the accesses to it. */
export function viewOf(own: Own, accesses: Accesses): View {
  const statements = statementsOf(own);
  const handed = new Set(listOf(own.standings["handed_over"]).map((one) => String(one["mechanism"])));
  const days = daysOf(statements);
  const told = (said: Said, earlier: readonly Said[] = []): Told => ({
    id: said.entry.id,
    day: days.get(said.entry.id) ?? "",
    values: valuesOf(said),
    earlier: earlier.map((one) => told(one)),
  });
  const { opened } = own;
  const current = (kind: "narrative" | "section"): Told[] =>
    opened.current(kind).map((said) => told(said, opened.earlier(said)));
  return {
    restored: own.restoration?.mechanism ?? null,
    day: own.receivedDay,
    sealed: own.statement.sealedBy === "submitter",
    blind: own.blind,
    problems: opened.problems.size,
    untrue: accesses.problems.length > 0 || keptBack(accesses, statements, handed),
    gone: [...own.gone],
    choices: [...own.choices().values()],
    unread: [...own.earlier().unread],
    standings: listOf(own.standings["standings"]),
    withdrawals: listOf(own.standings["withdrawals"]),
    deletion: own.standings["deletion"] ?? null,
    restorations: listOf(own.standings["restorations"]).filter((one) => one["state"] === "waiting"),
    texts: current("narrative"),
    sections: current("section"),
    files: opened.current("label").map((said) => fileOf(own, said)),
    ...linesOf(accesses),
    ledger: ledgerOf(statements),
  };
}

/** What is kept apart has words of its own: `FETCHED_APART` of `intake/audit/events.py`. */
const APART = /^part\.downloaded\.(?:identity|sensitive)$/;

/** Who did what, as whom and what for, by day, with how often; when each mechanism opened it first; what is shown later. */
function linesOf(accesses: Accesses): Pick<View, "accesses" | "read" | "later"> {
  const lines = new Map<string, Line>();
  const read: Record<string, string> = {};
  for (const access of accesses.shown) {
    const { day, mechanism, roles, purpose } = access;
    const event = `${access.event}.${access.class}`.match(APART)?.[0] ?? access.event;
    const key = JSON.stringify([day, mechanism, event, roles, purpose]);
    lines.set(key, { day, mechanism, event, roles, purpose, count: (lines.get(key)?.count ?? 0) + 1 });
    if (access.event === "record.opened" || access.event === "part.downloaded") read[mechanism] ??= day;
  }
  const later = new Map<string, number>();
  for (const day of [...accesses.later].sort()) later.set(day, (later.get(day) ?? 0) + 1);
  return { accesses: [...lines.values()], read, later: [...later] };
}

function fileOf(own: Own, said: Said): FileView {
  const { name, type, size } = checkLabel(said.fields);
  const { compartment } = said.entry;
  const { audience, compartments } = own.statement;
  const { gone } = own;
  const holders = audience.filter((a) => a.compartment === compartment && !gone.has(a.mechanism));
  const only = said.fields.value("apart") === true ? holders.map((a) => a.mechanism) : undefined;
  const { kind } = compartments.find((c) => c.id === compartment)!;
  return { id: said.entry.id, name, type, size, kind, only, values: valuesOf(said) };
}

/** Revision by revision, the newest first: what was allowed to whom, and what was taken back. */
function ledgerOf(statements: readonly Statement[]): Step[] {
  return statements
    .map((signed, i): Step => {
      const before = statements[i - 1];
      const earlier = new Set(before?.consent.map((c) => c.mechanism));
      const now = new Set(signed.audience.map((a) => `${a.mechanism} ${a.compartment}`));
      const lost = (before?.audience ?? []).filter((a) => !now.has(`${a.mechanism} ${a.compartment}`));
      const less = new Set(lost.map((a) => a.mechanism));
      const kinds = new Map(signed.compartments.map((c) => [c.id, c.kind]));
      const named = new Set(signed.consent.map((c) => c.mechanism));
      return {
        number: signed.revision,
        day: signed.createdDay,
        sealed: signed.sealedBy === "submitter",
        rows: signed.consent.map(({ mechanism, purposes, expires, successor, text }) => ({
          mechanism,
          purposes,
          classes: inOrder(
            signed.audience.filter((a) => a.mechanism === mechanism).map((a) => kinds.get(a.compartment)!),
          ),
          expires,
          successor,
          version: text.version,
          language: text.language,
          fresh: !earlier.has(mechanism),
          less: less.has(mechanism),
        })),
        ended: [...earlier].filter((mechanism) => !named.has(mechanism)).sort(),
      };
    })
    .reverse();
}

/** Part → the day on which it was signed first. */
function daysOf(statements: readonly Statement[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { parts, createdDay } of statements) {
    for (const { id } of parts) if (!found.has(id)) found.set(id, createdDay);
  }
  return found;
}
