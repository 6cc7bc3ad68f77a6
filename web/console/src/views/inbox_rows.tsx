/** A long table of which only what can be seen is drawn: as fast with ten thousand records as with ten. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { may } from "../parts.tsx";
import { RecordLink } from "../records/link.tsx";
import type { Item } from "../records/listed.ts";
import type { Named } from "../records/terms.ts";
import { state } from "../state.ts";
import { t } from "../texts.ts";

// Pixels of a row, as in console.css: below 40rem, a row's cells stand one below the other.
export const NARROW = matchMedia("(max-width: 40rem)");
const heightOf = (): number => (NARROW.matches ? 176 : 48);
const AROUND = 10; // rows above and below

export function InboxRows(props: {
  items: readonly Item[];
  named: Named | undefined;
  chosen: ReadonlySet<string> | undefined;
  scrolled: { current: number };
  onChoose: (chosen: ReadonlySet<string>) => void;
}) {
  const { items, named, chosen } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [seen, see] = useState({ top: 0, height: 640 });
  const [height, measure] = useState(heightOf);
  const look = (): void => {
    const { scrollTop, clientHeight } = frame.current!;
    props.scrolled.current = scrollTop;
    see({ top: scrollTop, height: clientHeight });
  };
  useEffect(() => {
    const changed = (): void => measure(heightOf());
    NARROW.addEventListener("change", changed);
    return () => NARROW.removeEventListener("change", changed);
  }, []);
  useLayoutEffect(() => {
    const [list, before] = [frame.current!, props.scrolled.current];
    if (before && !list.scrollTop) list.scrollTop = before; // back from a record
    look();
  }, [items.length, height]);
  const first = Math.max(0, Math.min(Math.floor(seen.top / height) - AROUND, items.length - 1));
  const drawn = items.slice(first, first + Math.ceil(seen.height / height) + 2 * AROUND);
  const toggle = (record: string): void => {
    const next = new Set(chosen);
    if (!next.delete(record)) next.add(record);
    props.onChoose(next);
  };
  const columns = ["number", "name", "received", "card", "media", "state", "assigned"];
  return (
    <div class="list" ref={frame} onScroll={look} tabIndex={0} role="region" aria-label={t("inbox.list")}>
      <table aria-rowcount={items.length + 1}>
        <thead>
          <tr>
            {chosen && <th scope="col">{t("inbox.choose")}</th>}
            {columns.map((each) => (
              <th key={each} scope="col">
                {t(`inbox.column.${each}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap pixels={first * height} />
          {drawn.map((item, i) => (
            <tr key={item.row.record} aria-rowindex={first + i + 2}>
              {chosen && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={t("inbox.choosethis", { name: item.name })}
                    checked={chosen.has(item.row.record)}
                    onChange={() => toggle(item.row.record)}
                  />
                </td>
              )}
              <Cells item={item} named={named} />
            </tr>
          ))}
          <Gap pixels={(items.length - first - drawn.length) * height} />
        </tbody>
      </table>
    </div>
  );
}

/** As high as the rows that are not drawn. By script: the page's policy allows no style attributes. */
function Gap({ pixels }: { pixels: number }) {
  const cell = useRef<HTMLTableCellElement>(null);
  useLayoutEffect(() => {
    if (cell.current) cell.current.style.height = `${pixels}px`;
  }, [pixels]);
  return pixels > 0 ? (
    <tr aria-hidden="true">
      <td class="gap" ref={cell} colSpan={8} />
    </tr>
  ) : null;
}

/** What a card says, with what needs care first: the row may be too short for the rest. */
function Said({ item: { row, card }, named }: { item: Item; named: Named | undefined }) {
  if (!card) return <>{t(row.triage ? "inbox.sealed" : "inbox.none")}</>;
  const care = card.gates.map((gate) => t(`inbox.gate.${gate}`)).join(", ");
  return (
    <>
      {care && <strong class="care">{care}</strong>}
      {care && " · "}
      {named?.card({ ...card, gates: [] }) ?? card.month}
    </>
  );
}

function Cells({ item, named }: { item: Item; named: Named | undefined }) {
  const { row, name } = item;
  const sees = may("key-holder") || row.assigned.includes(state.oneself?.member ?? "");
  const media = Object.values(row.media).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <td>{row.number}</td>
      <td>{sees ? <RecordLink record={row.record} /> : name}</td>
      <td>{row.received_day}</td>
      <td class="wide">
        <div>
          <Said item={item} named={named} />
        </div>
      </td>
      <td>{media || ""}</td>
      <td>
        {t(`inbox.status.${row.status}`)}
        {row.unanswered ? ` · ${t("inbox.unanswered", { count: row.unanswered })}` : ""}
        {row.deadline ? ` · ${row.deadline}` : ""}
      </td>
      <td>{row.assigned.join(", ")}</td>
    </>
  );
}
