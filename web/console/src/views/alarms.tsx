/** Alarms: what somebody has to look at, until somebody has. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api.ts";
import { may, why } from "../parts.tsx";
import { t } from "../texts.ts";

/** As `GET /review/v1/alarms` lists it. */
interface Alarm {
  readonly id: string;
  readonly kind: string;
  readonly reader: string;
  readonly day: string;
  readonly seen_by: string | null;
}

export function AlarmsView() {
  const [alarms, setAlarms] = useState<readonly Alarm[]>();
  const [failed, setFailed] = useState("");
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setFailed("");
    try {
      await work();
      setAlarms((await get<{ alarms: readonly Alarm[] }>("/review/v1/alarms")).alarms);
    } catch (error) {
      setFailed(why(error));
    }
  };
  useEffect(() => void attempt(async () => undefined), []);
  return (
    <section class="alarms">
      <h2>{t("alarms.title")}</h2>
      {failed && <p role="alert">{failed}</p>}
      {!alarms && !failed && <p role="status">{t("shell.working")}</p>}
      {alarms?.length === 0 && <p>{t("alarms.none")}</p>}
      <ol class="entries">
        {alarms?.map((alarm) => (
          <li key={alarm.id} class={alarm.seen_by ? "" : "unusual"}>
            <p>
              <strong>{t("alarms.told", { day: alarm.day, who: alarm.reader })}</strong>{" "}
              {t(`alarms.kind.${alarm.kind}`)}
            </p>
            <p>
              {alarm.seen_by ? t("alarms.seen", { who: alarm.seen_by }) : t("alarms.open")}{" "}
              {!alarm.seen_by && may("auditor") && (
                <button
                  type="button"
                  onClick={() => void attempt(() => post(`/review/v1/alarms/${alarm.id}/seen`))}
                >
                  {t("alarms.mark")}
                </button>
              )}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
