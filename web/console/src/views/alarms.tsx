/** Alarms: what somebody has to look at, until somebody has; for auditors with what the log says of each. */

import { useContext, useEffect, useState } from "preact/hooks";
import { post } from "../api.ts";
import { type Alarm, behind, caseOf, compare, fetchAlarms } from "../log/alarms.ts";
import { Line } from "../log/entry_list.tsx";
import { type Proved, read } from "../log/erased.ts";
import { Go, wish } from "../log/going.ts";
import type { Entry } from "../log/pages.ts";
import { may, why } from "../parts.tsx";
import { state } from "../state.ts";
import { plural, t } from "../texts.ts";

export function AlarmsView() {
  const [alarms, setAlarms] = useState<readonly Alarm[]>();
  const [reading, setReading] = useState<Proved>();
  const [missing, setMissing] = useState<readonly Entry[]>([]);
  const [unknown, setUnknown] = useState<ReadonlySet<string>>(new Set()); // ids: each list has other objects
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setFailed("");
    try {
      await work();
    } catch (error) {
      setFailed(why(error));
    }
    setBusy(false);
  };
  const list = async (): Promise<readonly Alarm[]> => {
    const found = await fetchAlarms();
    setAlarms(found);
    return found;
  };
  const hold = async (all: boolean): Promise<void> => {
    const mechanism = state.oneself?.mechanism ?? "";
    const found = await compare(all, list, (later) => read("access", mechanism, later));
    setReading(found.reading);
    setUnknown(found.unknown);
    setMissing(found.missing);
  };
  useEffect(() => void attempt(() => (may("auditor") ? hold(false) : list())), []);
  const entries = reading?.entries ?? [];
  return (
    <section class="alarms">
      <h2>{t("alarms.title")}</h2>
      {failed && <p role="alert">{failed}</p>}
      {busy && <p role="status">{t("shell.working")}</p>}
      {reading && reading.problems.length > 0 && <p role="alert">{t("alarms.broken")}</p>}
      {missing.length > 0 && (
        <div role="alert" class="problem">
          <p>{t("alarms.missing")}</p>
          <Entries entries={missing} />
        </div>
      )}
      {alarms?.length === 0 && !missing.length && <p>{t("alarms.none")}</p>}
      <ol class="entries">
        {alarms?.map((alarm) => (
          <li key={alarm.id} class={alarm.seen_by ? "" : "unusual"}>
            <Told alarm={alarm} entries={entries} />
            {unknown.has(alarm.id) && (
              <p>
                <strong>{t("alarms.unlogged")}</strong>
              </p>
            )}
            <p>
              {alarm.seen_by ? t("alarms.seen", { who: alarm.seen_by }) : t("alarms.open")}{" "}
              {!alarm.seen_by && may("auditor") && (
                <button
                  type="button"
                  onClick={() =>
                    void attempt(async () => {
                      await post(`/review/v1/alarms/${alarm.id}/seen`);
                      await list();
                    })
                  }
                >
                  {t("alarms.mark")}
                </button>
              )}
            </p>
          </li>
        ))}
      </ol>
      {reading && (
        <p class="hint">{plural(reading.start > 0 ? "alarms.some" : "alarms.all", entries.length)}</p>
      )}
      {reading && reading.start > 0 && (
        <button type="button" disabled={busy} onClick={() => void attempt(() => hold(true))}>
          {t("alarms.compare")}
        </button>
      )}
    </section>
  );
}

/** What happened, by whom; and the entries that say so. */
function Told({ alarm, entries }: { alarm: Alarm; entries: readonly Entry[] }) {
  const go = useContext(Go);
  const { text, by, decided } = caseOf(alarm, entries);
  const its = behind(alarm, entries);
  const days = its.map((entry) => String(entry.values.get("day"))).sort();
  return (
    <>
      <p>
        <strong>{t("alarms.told", { day: alarm.day, who: alarm.reader })}</strong>{" "}
        {t(text, { who: alarm.reader, by, decided })}
      </p>
      {its.length > 0 && (
        <details>
          <summary>{t("alarms.entries")}</summary>
          <Entries entries={its} />
          <button
            type="button"
            onClick={() => {
              wish({ from: days[0] ?? alarm.day, to: days.at(-1) ?? alarm.day });
              go("log");
            }}
          >
            {t("alarms.log")}
          </button>
        </details>
      )}
    </>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }) {
  const go = useContext(Go);
  return (
    <ul class="entries">
      {entries.map((entry) => (
        <li key={entry.index}>
          <Line
            entry={entry}
            number={undefined}
            part={undefined}
            waiting={false}
            choose={(record) => {
              wish({ record });
              go("log");
            }}
          />
        </li>
      ))}
    </ul>
  );
}
