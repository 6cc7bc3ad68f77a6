/**
 * Corroboration: which testimonies speak of one place, at one time, and of one unit. Computed here, over what
 * the member has opened since logging in, and kept nowhere.
 *
 * Dates are EDTF (`src/record/dates`): two agree if the days that they may mean overlap. "About" and
 * "perhaps" widen nothing: they are shown as they were said.
 */

/** What one record says: facilities and units by their codes or words, dates as they were written. */
export interface Account {
  readonly record: string;
  readonly places: readonly { readonly facility: string; readonly date: string | null }[];
  readonly units: readonly string[];
}

/** Records that agree: on a facility and overlapping dates; `units` are those that all of them name. */
export interface Agreement {
  readonly facility: string;
  readonly from: string;
  readonly to: string;
  readonly units: readonly string[];
  readonly records: readonly string[];
}

export const MOST_PLACES = 100;
export const MOST_UNITS = 20;
const MOST_STEPS = 1_000_000;
const MOST_FOUND = 300;
type Span = readonly [string, string];
const EARLIEST = "0000-01-01";
const LATEST = "9999-12-31";

/** First and last day of an EDTF date or interval; null for one that says no day. */
export function spanOf(date: string | null): Span | null {
  if (!date) return null;
  const [first, last, more] = date.split("/");
  if (more !== undefined || first === undefined) return null;
  const from = first === ".." || first === "" ? [EARLIEST, EARLIEST] : days(first);
  const to = last === undefined ? from : last === ".." || last === "" ? [LATEST, LATEST] : days(last);
  if (!from || !to) return null;
  const span: Span = [from[0]!, to[1]!];
  return span[0] <= span[1] ? span : null;
}

/** The first and last day that `2020`, `2020-08`, `2020-08-XX` or `2020-08-09`, with `~` or `?`, may mean. */
function days(text: string): Span | null {
  const found = /^(\d{4})(?:-(\d{2}|XX))?(?:-(\d{2}|XX))?[~?%]?$/.exec(text);
  if (!found) return null;
  const [, year, month, day] = found;
  if (!month || month === "XX") return day && day !== "XX" ? null : [`${year}-01-01`, `${year}-12-31`];
  if (day && day !== "XX") return [`${year}-${month}-${day}`, `${year}-${month}-${day}`];
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return [`${year}-${month}-01`, `${year}-${month}-${String(last).padStart(2, "0")}`];
}

const overlap = (one: Span, other: Span): Span | null => {
  const from = one[0] > other[0] ? one[0] : other[0];
  const to = one[1] < other[1] ? one[1] : other[1];
  return from <= to ? [from, to] : null;
};

/**
 * Where two or more records agree, most records first. Each agreement has a day that all of its records may
 * mean; one that says the same of fewer records than another is left out.
 *
 * Lists are as long as whoever wrote them wants. Of one account the first `MOST_PLACES` and `MOST_UNITS` count,
 * and of one facility what is found within `MOST_STEPS` comparisons: others lose nothing by it.
 */
export function corroborate(accounts: readonly Account[]): Agreement[] {
  const said = new Map<string, Said[]>();
  for (const { record, places, units } of accounts) {
    const named = new Set(units.slice(0, MOST_UNITS));
    for (const { facility, date } of places.slice(0, MOST_PLACES)) {
      const span = spanOf(date);
      if (!span) continue;
      const there = said.get(facility) ?? [];
      there.push({ record, span, units: named });
      said.set(facility, there);
    }
  }
  return [...said]
    .flatMap(([facility, here]) => at(facility, here))
    .sort(
      (one, other) =>
        other.records.length - one.records.length ||
        other.units.length - one.units.length ||
        compare(key(one), key(other)),
    );
}

function at(facility: string, said: readonly Said[]): Agreement[] {
  const found = new Map<string, Agreement>();
  const add = (of: readonly Said[]): void => {
    const one = agreement(facility, of);
    if (one) found.set(key(one), one);
  };
  let steps = 0;
  const enough = (more: number): boolean => (steps += more) > MOST_STEPS || found.size > MOST_FOUND;
  // An interval graph: whatever overlaps, overlaps at the first day of one of them.
  for (const day of new Set(said.map((each) => each.span[0]))) {
    if (enough(said.length)) break;
    const here = said.filter(({ span }) => span[0] <= day && day <= span[1]);
    add(here);
    for (const unit of new Set(here.flatMap((each) => [...each.units]))) {
      if (enough(here.length)) break;
      add(here.filter((each) => each.units.has(unit)));
    }
  }
  const all = [...found.values()];
  return all.filter((one) => !all.some((other) => other !== one && says(other, one)));
}

/** For how many agreements with others a record counts. */
export function agreementsOf(record: string, agreements: readonly Agreement[]): Agreement[] {
  return agreements.filter((each) => each.records.includes(record));
}

type Said = { readonly record: string; readonly span: Span; readonly units: ReadonlySet<string> };

function agreement(facility: string, here: readonly Said[]): Agreement | null {
  const records = [...new Set(here.map((each) => each.record))].sort(compare);
  if (records.length < 2) return null;
  let span = here[0]!.span;
  for (const each of here) {
    const both = overlap(span, each.span);
    if (!both) return null;
    span = both;
  }
  const units = [...here[0]!.units].filter((unit) => here.every((each) => each.units.has(unit)));
  return { facility, from: span[0], to: span[1], units: units.sort(compare), records };
}

/** Whether `one` says all that `other` does: the same place, all its records and units. */
function says(one: Agreement, other: Agreement): boolean {
  return (
    one.facility === other.facility &&
    other.records.every((record) => one.records.includes(record)) &&
    other.units.every((unit) => one.units.includes(unit)) &&
    (one.records.length > other.records.length ||
      one.units.length > other.units.length ||
      (one.from === other.from && one.to === other.to))
  );
}

const key = (one: Agreement): string =>
  [one.facility, one.from, one.to, one.units.join(","), one.records.join(",")].join("|");
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
