/** A long table of which only what can be seen is drawn: as fast with ten thousand records as with ten. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item } from "../records/listed.ts";
import type { Named } from "../records/terms.ts";
import { t } from "../texts.ts";

const HEIGHT = 48; // pixels of a row, as in console.css
const AROUND = 10; // rows above and below

export function InboxRows(props: {
  items: readonly Item[];
  named: Named | undefined;
  chosen: ReadonlySet<string> | undefined;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onOpen: (record: string) => void;
}) {
  const { items, named, chosen } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [seen, see] = useState({ top: 0, height: 640 });
  const look = (): void => {
    const { scrollTop, clientHeight } = frame.current!;
    see({ top: scrollTop, height: clientHeight });
  };
  useLayoutEffect(look, [items.length]);
  const first = Math.max(0, Math.min(Math.floor(seen.top / HEIGHT) - AROUND, items.length - 1));
  const drawn = items.slice(first, first + Math.ceil(seen.height / HEIGHT) + 2 * AROUND);
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
          <Gap rows={first} />
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
              <Cells item={item} named={named} onOpen={props.onOpen} />
            </tr>
          ))}
          <Gap rows={items.length - first - drawn.length} />
        </tbody>
      </table>
    </div>
  );
}

/** As high as the rows that are not drawn. By script: the page's policy allows no style attributes. */
function Gap({ rows }: { rows: number }) {
  const cell = useRef<HTMLTableCellElement>(null);
  useLayoutEffect(() => {
    if (cell.current) cell.current.style.height = `${rows * HEIGHT}px`;
  }, [rows]);
  return rows > 0 ? (
    <tr aria-hidden="true">
      <td class="gap" ref={cell} colSpan={8} />
    </tr>
  ) : null;
}

function Cells(props: { item: Item; named: Named | undefined; onOpen: (record: string) => void }) {
  const { row, name, card } = props.item;
  const { named } = props;
  const said = card && (named?.card(card) ?? card.month);
  const media = Object.values(row.media).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <td>{row.number}</td>
      <td>
        <button type="button" class="link" onClick={() => props.onOpen(row.record)}>
          {name}
        </button>
      </td>
      <td>{row.received_day}</td>
      <td class="wide">{said ?? t(row.triage ? "inbox.sealed" : "inbox.none")}</td>
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
