/** The log viewer of auditors: who opened how much, what happened, and that the log has signed it. */

import { useEffect, useState } from "preact/hooks";
import { EntryList } from "../log/entry_list.tsx";
import { type Kind, keyFingerprint, read, type Reading } from "../log/pages.ts";
import { EVERYTHING, type Filter, filtered, openings, said, who } from "../log/words.ts";
import { Grouped, why } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";

const KINDS: readonly Kind[] = ["access", "records"];

export function LogView() {
  const [kind, setKind] = useState<Kind>("access");
  const [reading, setReading] = useState<Reading>();
  const [filter, setFilter] = useState<Filter>(EVERYTHING);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");

  const load = async (wanted: Kind, before: Reading | undefined, all: boolean): Promise<void> => {
    setBusy(true);
    setFailed("");
    try {
      let found = before;
      do {
        found = await read(wanted, state.oneself?.mechanism ?? "", found);
        setReading(found);
      } while (all && found.start > 0);
    } catch (error) {
      setFailed(why(error));
    }
    setBusy(false);
  };
  useEffect(() => {
    setReading(undefined);
    setFilter(EVERYTHING);
    void load(kind, undefined, false);
  }, [kind]);

  return (
    <section class="log">
      <h2>{t("log.title")}</h2>
      <p>{t("log.about")}</p>
      <fieldset>
        <legend>{t("log.kind")}</legend>
        {KINDS.map((each) => (
          <label>
            <input type="radio" name="kind" checked={each === kind} onChange={() => setKind(each)} />{" "}
            {t(`log.kind.${each}`)}
          </label>
        ))}
      </fieldset>
      {failed && <p role="alert">{failed}</p>}
      {reading && <Checked reading={reading} />}
      {reading && kind === "access" && (
        <Readers reading={reading} choose={(name) => setFilter({ ...EVERYTHING, who: name })} />
      )}
      {reading && <Finder reading={reading} filter={filter} change={setFilter} />}
      {reading && (
        <EntryList
          entries={filtered(reading.entries, filter)}
          signed={Number(reading.checkpoint?.size ?? 0)}
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

const OLD = 26 * 3600; // seconds: a day of a quiet log, and what the clocks may differ
const hourOf = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function Checked({ reading }: { reading: Reading }) {
  const { checkpoint, entries, problems } = reading;
  if (problems.length) {
    return (
      <div role="alert" class="problem">
        <p>{t("log.problem")}</p>
        <ul>
          {problems.map((problem) => (
            <li>{problem}</li>
          ))}
        </ul>
      </div>
    );
  }
  if (!checkpoint) {
    return (
      <p role="alert" class="problem">
        {t("log.unsigned")}
      </p>
    );
  }
  const size = Number(checkpoint.size);
  const covered = entries.filter((entry) => entry.index < size).length;
  return (
    <>
      <p class="checked">{t("log.signed", { read: entries.length, covered, size })}</p>
      <p>{t("log.time", { time: hourOf(reading.time ?? 0) })}</p>
      {Date.now() / 1000 - (reading.time ?? 0) > OLD && <p role="alert">{t("log.old")}</p>}
      <details>
        <summary>{t("log.keys")}</summary>
        <p>{t("log.compare", { origin: reading.origin })}</p>
        <ul class="keys">
          {reading.keys.map((key) => (
            <li key={key}>
              {key.slice(0, key.indexOf("+") + 9)}: <Grouped hex={keyFingerprint(key)} />
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function Readers({ reading, choose }: { reading: Reading; choose: (name: string) => void }) {
  const rows = openings(reading.entries);
  return (
    <>
      <h3>{t("log.openings")}</h3>
      <p class="hint">{t(reading.start > 0 ? "log.openings.some" : "log.openings.all")}</p>
      {!rows.length && <p>{t("log.openings.none")}</p>}
      {rows.length > 0 && (
        <table>
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
  readonly reading: Reading;
  readonly filter: Filter;
  readonly change: (filter: Filter) => void;
}

function Finder({ reading, filter, change }: FinderProps) {
  const names = [...new Set(reading.entries.map(who))].filter(Boolean).sort();
  const events = [...new Set(reading.entries.map((entry) => said(entry, "event")))].filter(Boolean).sort();
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
    <form class="find" onSubmit={(event) => event.preventDefault()}>
      <h3>{t("log.find")}</h3>
      {choices("who", names, "log.find.anybody")}
      {choices("event", events, "log.find.anything")}
      <label>
        {t("log.find.record")}
        <input type="text" value={filter.record} onInput={set("record")} autocomplete="off" />
      </label>
      {day("from")}
      {day("to")}
    </form>
  );
}
