/** The inbox: all records that may be read today, narrowed down and sorted by their triage cards. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { GATES } from "../../../src/record/triage.ts";
import { Choice, Failed, Field, may, useWork, why } from "../parts.tsx";
import type { Card, Row } from "../records/cards.ts";
import {
  counted,
  fetchRows,
  type Filter,
  type Item,
  narrowed,
  NO_FILTER,
  NOBODY,
  openCards,
  type Order,
  plain,
  sorted,
} from "../records/listed.ts";
import { type Named, useTerms } from "../records/terms.ts";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { ChosenRecords } from "./chosen.tsx";
import { InboxRows, NARROW } from "./inbox_rows.tsx";
import { WithRecords } from "./with_records.tsx";

const ORDERS: readonly Order[] = ["number", "month", "unanswered", "deadline"];

export function InboxView() {
  const [rows, setRows] = useState<readonly Row[]>();
  const [items, setItems] = useState<readonly Item[]>([]);
  const [wanted, want] = useState<Filter>(NO_FILTER);
  const [order, setOrder] = useState<Order>("number");
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [closed, setClosed] = useState("");
  const [whole, setWhole] = useState(false); // not so while only the first came: a count would be untrue
  const { busy, failed, run } = useWork();
  const named = useTerms();
  const scrolled = useRef(0); // where the list was when a record was opened
  const load = (): void =>
    run(async () => {
      const found = await fetchRows((some) =>
        setRows((before) => ((before ?? []).length > some.length ? before : some)),
      );
      setRows(found);
      setWhole(true);
      // Somebody may have chosen while the list was on its way.
      choose((before) => new Set(found.map(({ record }) => record).filter((each) => before.has(each))));
    });
  const done = (): void => {
    choose(new Set());
    load();
  };
  useEffect(load, []);
  useEffect(() => {
    if (!rows) return undefined;
    let live = true;
    setItems(rows.map(plain));
    if (!state.keys) return undefined; // who goes on without keys reads no cards, and is told so
    openCards(rows, setItems, () => live).catch((error: unknown) => setClosed(why(error)));
    return () => {
      live = false;
    };
  }, [rows]);
  const shown = useMemo(() => sorted(narrowed(items, wanted), order), [items, wanted, order]);
  // Only what can be seen counts as chosen: a filter may hide what was chosen before.
  const picked = useMemo(() => shown.filter(({ row }) => chosen.has(row.record)), [shown, chosen]);
  const listed = (record: string): Item | undefined => items.find(({ row }) => row.record === record);
  return (
    <WithRecords listed={listed} onBack={load}>
      <section aria-labelledby="inbox">
        <h2 id="inbox">{t("inbox.title")}</h2>
        {failed && <Failed text={failed} />}
        {!state.keys && <p class="note">{t("inbox.closed", { why: t("shell.keysclosed") })}</p>}
        {state.keys && closed && <Failed text={t("inbox.closed", { why: closed })} />}
        <details class="narrowing" open={!NARROW.matches}>
          <summary>{t("inbox.narrow")}</summary>
          <Filters items={items} wanted={wanted} named={named} onWant={want} />
          <div class="filters">
            <Choice
              label={t("inbox.order")}
              name="order"
              value={order}
              options={ORDERS.map((each) => [each, t(`inbox.by.${each}`)])}
              onChange={(by) => setOrder(by as Order)}
            />
            <button type="button" onClick={() => want(NO_FILTER)}>
              {t("inbox.all")}
            </button>
          </div>
        </details>
        <Field
          label={t("inbox.search")}
          name="search"
          value={wanted.search}
          max={64}
          onInput={(search) => want({ ...wanted, search })}
        />
        <p>
          <button type="button" disabled={busy} onClick={load}>
            {t("inbox.again")}
          </button>
        </p>
        <p role="status">
          {busy ? t("shell.working") : whole && t("inbox.count", { shown: shown.length, all: items.length })}
        </p>
        {rows?.length === 0 && (
          <p class="note">{t("inbox.nothing", { purpose: t(`purpose.${state.oneself?.purpose}`) })}</p>
        )}
        {!may("key-holder") &&
          items.some(({ row }) => !row.assigned.includes(state.oneself?.member ?? "")) && (
            <p class="hint">{t("inbox.howassigned")}</p>
          )}
        <ChosenRecords items={picked} onDone={done} />
        <InboxRows
          items={shown}
          named={named}
          chosen={may("key-holder", "reviewer") ? chosen : undefined}
          scrolled={scrolled}
          onChoose={choose}
        />
      </section>
    </WithRecords>
  );
}

type Values = (card: Card) => readonly string[];
const OF_CARDS: readonly (readonly [keyof Filter, string, Values])[] = [
  ["facility", "facilities", (card) => [card.facility]],
  ["month", "", (card) => [card.month]],
  ["violation", "violations", (card) => card.violations],
  ["gate", "", (card) => card.gates],
  ["capacity", "capacities", (card) => [card.capacity]],
  ["language", "", (card) => [card.language]],
];

/** Each filter counts what the others let through. */
function Filters(props: {
  items: readonly Item[];
  wanted: Filter;
  named: Named | undefined;
  onWant: (wanted: Filter) => void;
}) {
  const { items, wanted, named } = props;
  const counts = (name: keyof Filter, of: (item: Item) => readonly string[]): [string, number][] =>
    counted(narrowed(items, { ...wanted, [name]: "" }), of);
  const say = (name: keyof Filter, list: string, code: string): string => {
    if (name === "gate") return GATES.some((gate) => gate === code) ? t(`inbox.gate.${code}`) : code;
    if (name === "status") return t(`inbox.status.${code}`);
    if (name === "member") return code === NOBODY ? t("inbox.nobody") : code;
    if (name === "language") return named?.spoken(code) ?? code;
    if (name === "month") return named?.date(code) ?? code;
    return named?.term(list, code) ?? code;
  };
  const filter = (name: keyof Filter, list: string, of: (item: Item) => readonly string[]) => (
    <Choice
      key={name}
      label={t(`inbox.${name}`)}
      name={name}
      value={wanted[name]}
      options={[
        ["", t("inbox.any")],
        ...counts(name, of).map(
          ([code, count]) => [code, `${say(name, list, code)} (${count})`] as [string, string],
        ),
      ]}
      onChange={(code) => props.onWant({ ...wanted, [name]: code })}
    />
  );
  return (
    <div class="filters">
      {OF_CARDS.map(([name, list, of]) => filter(name, list, ({ card }) => (card ? of(card) : [])))}
      {filter("status", "", ({ row }) => [row.status])}
      {filter("member", "", ({ row }) => (row.assigned.length ? row.assigned : [NOBODY]))}
    </div>
  );
}
