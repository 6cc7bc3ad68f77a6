/** What the persons set, before anything of several records is exported: whoever proposes and whoever approves looks. */

import { useEffect, useState } from "preact/hooks";
import { Failed, useWork } from "../parts.tsx";
import type { Row } from "../records/cards.ts";
import { asksFirst } from "../records/limits.ts";
import { type Called, type Found, heeded, lookAt, nameOf } from "../records/looked.ts";
import { type Named, useTerms } from "../records/terms.ts";
import { t } from "../texts.ts";
import { LimitFacts } from "./record/limits.tsx";

export const called = (one: Called): string =>
  one.number === undefined ? nameOf(one) : t("exports.called", { number: one.number, name: nameOf(one) });

const NOTHING: Found = new Map();

const MOST_NAMED = 20; // in one sentence: an export can have two thousand

export function allOf(records: readonly Called[]): string {
  const which = records.slice(0, MOST_NAMED).map(called).join(", ");
  const more = records.length - MOST_NAMED;
  return more > 0 ? t("exports.andmore", { which, count: more }) : which;
}

/** `onReady`: true once it is shown, and said of what needs it that the person allows this. */
export function BeforeExport(props: {
  records: readonly Called[];
  /** What the list says of them. */
  rows?: ReadonlyMap<string, Row>;
  /** What is open on this page already. */
  known?: Found;
  /** Whether these keys open accounts: else looking would spend openings, and show nothing. */
  looks: boolean;
  onReady: (ready: boolean) => void;
}) {
  const { records, rows, known, looks, onReady } = props;
  const [looked, set] = useState<Found>();
  const found = looks ? (known ?? looked) : NOTHING;
  const [asked, sayAsked] = useState(false);
  const [told, sayTold] = useState(false);
  const { busy, failed, run } = useWork();
  const named = useTerms();
  const { asking, unknown } = heeded(records, found ?? NOTHING);
  const ready = found !== undefined && (!asking.length || asked) && (!unknown.length || told);
  useEffect(() => onReady(ready), [ready]);
  return (
    <>
      {!known && (
        <ul class="called">
          {records.map((one) => (
            <li key={one.record}>
              {called(one)}
              <OfRecord
                one={one}
                row={rows?.get(one.record)}
                found={looks ? found : undefined}
                named={named}
              />
            </li>
          ))}
        </ul>
      )}
      {!found && (
        <p>
          <button type="button" disabled={busy} onClick={() => run(async () => set(await lookAt(records)))}>
            {busy ? t("shell.working") : t("limits.look")}
          </button>
          <span class="hint">{t("limits.lookall")}</span>
        </p>
      )}
      {failed && <Failed text={failed} />}
      <div role="status">
        {found && asking.length > 0 && <p class="note">{t("limits.asking", { which: allOf(asking) })}</p>}
        {found && unknown.length > 0 && <p class="note">{t("limits.unopened", { which: allOf(unknown) })}</p>}
      </div>
      {found && asking.length > 0 && <Tick name="were-asked" on={asked} onChange={sayAsked} />}
      {found && unknown.length > 0 && <Tick name="were-told" on={told} onChange={sayTold} />}
    </>
  );
}

function Tick({ name, on, onChange }: { name: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="tick">
      <input
        type="checkbox"
        name={name}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />{" "}
      {t(`limits.${name}`)}
    </label>
  );
}

/** What the list says of a record's consent; once it was opened, all of it, as far as it is open. */
function OfRecord(props: {
  one: Called;
  row: Row | undefined;
  found: Found | undefined;
  named: Named | undefined;
}) {
  const { one, row, found, named } = props;
  const limits = found?.get(one.record);
  if (limits) {
    return (
      <>
        <dl class="facts">
          <LimitFacts limits={limits} named={named} />
        </dl>
        {asksFirst(limits) && <p class="note">{t("limits.askfirst")}</p>}
      </>
    );
  }
  return (
    <>
      <Allowed row={row} />
      {found && <span class="care"> {t("limits.notopened")}</span>}
    </>
  );
}

/** What the list says of a record's consent: the rest is sealed in it. */
export function Allowed({ row }: { row: Row | undefined }) {
  if (!row) return null;
  const until = row.expires ? `; ${t("record.expires")}: ${row.expires}` : "";
  return (
    <span class="details">
      {" "}
      {t("record.purposes")}: {row.purposes.map((each) => t(`purpose.${each}`)).join(", ")}
      {until}
    </span>
  );
}
