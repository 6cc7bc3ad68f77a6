/** The log viewer of auditors: who opened how much, what happened, and that the log has signed it. */

import { useEffect, useState } from "preact/hooks";
import { fetchAlarms, lacking, listedAlarms } from "../log/alarms.ts";
import { Checked } from "../log/checked.tsx";
import { assigning } from "../log/fields.ts";
import { EntryList } from "../log/entry_list.tsx";
import { type Proved, read } from "../log/erased.ts";
import { taken } from "../log/going.ts";
import type { Kind } from "../log/pages.ts";
import { EVERYTHING, type Filter, filtered, openings, said, who } from "../log/words.ts";
import { why } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";

const KINDS: readonly Kind[] = ["access", "records"];

export function LogView() {
  const [kind, setKind] = useState<Kind>("access");
  const [reading, setReading] = useState<Proved>();
  const [filter, setFilter] = useState<Filter>(taken);
  const [unlisted, setUnlisted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");

  const load = async (wanted: Kind, before: Proved | undefined, all: boolean): Promise<void> => {
    setBusy(true);
    setFailed("");
    try {
      let found = before;
      do {
        found = await read(wanted, state.oneself?.mechanism ?? "", found);
        setReading(found);
      } while (all && found.start > 0);
      if (lacking(found.entries, listedAlarms()).length) {
        setUnlisted(lacking(found.entries, await fetchAlarms()).length > 0);
      }
    } catch (error) {
      setFailed(why(error));
    }
    setBusy(false);
  };
  useEffect(() => {
    setReading(undefined);
    void load(kind, undefined, false);
  }, [kind]);

  const choose = (wanted: Kind): void => {
    setFilter(EVERYTHING);
    setKind(wanted);
  };

  return (
    <section class="log">
      <h2>{t("log.title")}</h2>
      <p>{t("log.about")}</p>
      <fieldset>
        <legend>{t("log.kind")}</legend>
        {KINDS.map((each) => (
          <label>
            <input type="radio" name="kind" checked={each === kind} onChange={() => choose(each)} />{" "}
            {t(`log.kind.${each}`)}
          </label>
        ))}
      </fieldset>
      {failed && <p role="alert">{failed}</p>}
      {reading && <Checked reading={reading} />}
      {unlisted && (
        <p role="alert" class="problem">
          {t("alarms.missing")}
        </p>
      )}
      {reading && kind === "access" && (
        <Readers reading={reading} choose={(name) => setFilter({ ...EVERYTHING, who: name })} />
      )}
      {reading && <Finder reading={reading} filter={filter} change={setFilter} />}
      {reading && (
        <EntryList
          entries={filtered(reading.entries, filter, reading.numbers)}
          reading={reading}
          choose={(record) => setFilter({ ...EVERYTHING, record })}
        />
      )}
      <p class="buttons" aria-busy={busy}>
        {busy && <span role="status">{t("shell.working")}</span>}
        <button type="button" disabled={busy} onClick={() => void load(kind, undefined, false)}>
          {t("log.again")}
        </button>
        {reading && reading.start > 0 && (
          <>
            <button type="button" disabled={busy} onClick={() => void load(kind, reading, false)}>
              {t("log.older")}
            </button>
            <button type="button" disabled={busy} onClick={() => void load(kind, reading, true)}>
              {t("log.all")}
            </button>
          </>
        )}
      </p>
    </section>
  );
}

function Readers({ reading, choose }: { reading: Proved; choose: (name: string) => void }) {
  const rows = openings(reading.entries, assigning(reading.entries));
  // Of a log that is not whole, no number is the right one.
  const counted = reading.problems.length ? "broken" : reading.start > 0 ? "some" : "all";
  return (
    <>
      <h3>{t("log.openings")}</h3>
      <p class="hint">
        {t(`log.openings.${counted}`)} {t("log.openings.assigning")}
      </p>
      {!rows.length && !reading.problems.length && <p>{t("log.openings.none")}</p>}
      {rows.length > 0 && (
        <table class="readers">
          <thead>
            <tr>
              {["reader", "most", "day", "records"].map((column) => (
                <th scope="col">{t(`log.openings.${column}`)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr class={row.unusual ? "unusual" : ""}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => choose(row.reader)}>
                    {row.reader}
                  </button>
                </th>
                <td>
                  {row.most} {row.unusual && <strong>{t("log.openings.unusual")}</strong>}
                </td>
                <td>{row.day}</td>
                <td>{row.records}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

interface FinderProps {
  readonly reading: Proved;
  readonly filter: Filter;
  readonly change: (filter: Filter) => void;
}

function Finder({ reading, filter, change }: FinderProps) {
  const believed = reading.entries.filter((entry) => !entry.bad);
  const names = [...new Set(believed.map(who))].filter(Boolean).sort();
  const events = [...new Set(believed.map((entry) => said(entry, "event")))].filter(Boolean).sort();
  const set = (name: keyof Filter) => (event: Event) =>
    change({ ...filter, [name]: (event.currentTarget as HTMLInputElement | HTMLSelectElement).value });
  const choices = (name: "who" | "event", values: readonly string[], none: string) => (
    <label>
      {t(`log.find.${name}`)}
      <select value={filter[name]} onChange={set(name)}>
        <option value="">{t(none)}</option>
        {values.map((value) => (
          <option value={value}>{name === "event" ? t(`log.event.${value}`) : value}</option>
        ))}
      </select>
    </label>
  );
  const day = (name: "from" | "to") => (
    <label>
      {t(`log.find.${name}`)}
      <input type="date" value={filter[name]} onInput={set(name)} />
    </label>
  );
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <h3>{t("log.find")}</h3>
      <div class="find">
        {choices("who", names, "log.find.anybody")}
        {choices("event", events, "log.find.anything")}
        <label>
          {t("log.find.record")}
          <input type="text" value={filter.record} onInput={set("record")} autocomplete="off" />
        </label>
        {day("from")}
        {day("to")}
      </div>
    </form>
  );
}
