/** The inbox as it is sorted, counted and narrowed down in the browser: the server sorts by number only. */

import type { Json } from "../../../src/crypto/encoding.ts";
import { get } from "../api.ts";
import { onForget } from "../state.ts";
import { type Card, NO_CARD, openCard, type Row } from "./cards.ts";
import { keyring } from "./keyring.ts";
import { recordName } from "./names.ts";

const PAGE = 500;
const FIRST = 50; // more than a screen shows
const BATCH = 16; // cards that are opened before the page may draw

export interface Item {
  readonly row: Row;
  readonly name: string;
  /** Undefined while it is closed; and for good, if there is none. */
  readonly card: Card | undefined;
}

/** By which the list is narrowed down; "" for all. */
export interface Filter {
  readonly facility: string;
  readonly month: string;
  readonly violation: string;
  readonly gate: string;
  readonly capacity: string;
  readonly language: string;
  readonly status: string;
  readonly member: string;
  /** The beginning of a name or an id, or a number. */
  readonly search: string;
}

export const NO_FILTER: Filter = {
  facility: "",
  month: "",
  violation: "",
  gate: "",
  capacity: "",
  language: "",
  status: "",
  member: "",
  search: "",
};
export const NOBODY = "nobody";
export type Order = "number" | "month" | "unanswered" | "deadline";

// Cards that were opened before, by record and revision: a key is used for each only once.
const opened = new Map<string, Card | null>();
onForget(() => opened.clear());

/** All pages of the inbox, the first a small one; `show` is called with what is there before the last came. */
export async function fetchRows(show: (rows: readonly Row[]) => void = () => undefined): Promise<Row[]> {
  // What did not open may open now: with keys that came meanwhile.
  for (const [key, card] of opened) if (!card) opened.delete(key);
  const rows: Row[] = [];
  let next: number | null = 0;
  while (next !== null) {
    const page: { records: Row[]; next: number | null } = await get(
      `/review/v1/records?limit=${rows.length ? PAGE : FIRST}&cursor=${next}`,
    );
    rows.push(...page.records);
    next = page.next;
    if (next !== null) show([...rows]);
  }
  return rows;
}

export const plain = (row: Row): Item => ({ row, name: recordName(row.record), card: cached(row) });

/** Open the cards some at a time; `show` is called with what is open by then. Stops when `live` says so. */
export async function openCards(
  rows: readonly Row[],
  show: (items: Item[]) => void,
  live: () => boolean,
): Promise<void> {
  const { identities } = await keyring();
  const closed = rows.filter((row) => row.triage && !opened.has(keyOf(row)));
  for (const [i, row] of closed.entries()) {
    opened.set(keyOf(row), (await openCard(row.triage, identities)) ?? null);
    if ((i + 1) % BATCH) continue;
    await new Promise((resolve) => setTimeout(resolve)); // the page answers meanwhile
    if (!live()) return;
    show(rows.map(plain));
  }
  if (live()) show(rows.map(plain));
}

const keyOf = (row: Row): string => `${row.record}/${row.revision}`;
const cached = (row: Row): Card | undefined => opened.get(keyOf(row)) ?? undefined;

/** Whether a record is meant: by its number, or the beginning of its name or id. */
function named({ row, name }: Item, typed: string): boolean {
  return String(row.number) === typed || name.startsWith(typed) || row.record.startsWith(typed);
}

/** Records by numbers, names or ids, apart by spaces or commas; `unknown` are none of them, or more than one. */
export function meant(rows: readonly Row[], typed: string): { records: string[]; unknown: string[] } {
  const items = rows.map((row): Item => ({ row, name: recordName(row.record), card: undefined }));
  const records = new Set<string>();
  const unknown: string[] = [];
  for (const word of typed.toLowerCase().split(/[\s,;]+/)) {
    if (!word) continue;
    const found = items.filter(({ row, name }) => [String(row.number), name, row.record].includes(word));
    if (found.length === 1) records.add(found[0]!.row.record);
    else unknown.push(word);
  }
  return { records: [...records], unknown };
}

/** The items that a filter lets through. */
export function narrowed(items: readonly Item[], wanted: Filter): Item[] {
  const typed = wanted.search.trim().toLowerCase();
  return items.filter((item) => {
    const { row, card = NO_CARD } = item;
    const { facility, month, violation, gate, capacity, language, status, member } = wanted;
    return (
      (!typed || named(item, typed)) &&
      (!facility || card.facility === facility) &&
      (!month || card.month === month) &&
      (!violation || card.violations.includes(violation)) &&
      (!gate || card.gates.includes(gate)) &&
      (!capacity || card.capacity === capacity) &&
      (!language || card.language === language) &&
      (!status || row.status === status) &&
      (!member || (member === NOBODY ? !row.assigned.length : row.assigned.includes(member)))
    );
  });
}

/** How many items have each value: what a filter offers, the most frequent first. */
export function counted(items: readonly Item[], of: (item: Item) => readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const item of items) {
    for (const value of new Set(of(item))) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** Newest numbers first; by month and deadline the earliest first, without one last. */
export function sorted(items: readonly Item[], by: Order): Item[] {
  const last = "9999";
  const key: Record<Order, (item: Item) => Json> = {
    number: () => 0,
    month: ({ card }) => card?.month || last,
    unanswered: ({ row }) => -row.unanswered,
    deadline: ({ row }) => row.deadline ?? last,
  };
  const of = key[by];
  return [...items].sort((one, other) => {
    const [left, right] = [of(one), of(other)] as [string, string];
    return left < right ? -1 : left > right ? 1 : other.row.number - one.row.number;
  });
}
