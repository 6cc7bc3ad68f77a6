/** What is due: the member's own deadlines, and consents that end soon. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../api.ts";
import { daysLeft, endsNow, SOON } from "../ending.ts";
import { Failed, useWork } from "../parts.tsx";
import { RecordLink } from "../records/link.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { type Due, DueLine } from "./deadlines.tsx";
import { WithRecords } from "./with_records.tsx";

export function DueView() {
  const [listed, setListed] = useState<readonly Due[]>();
  const { failed, run } = useWork();
  const load = async () => setListed((await get<{ due: readonly Due[] }>("/review/v1/due")).due);
  useEffect(() => run(load), []);
  const { starts, expires } = state.oneself!;
  const ending = daysLeft(expires) <= SOON && !endsNow(starts, expires); // from then on it is above each view
  return (
    <WithRecords>
      <section class="due">
        <h2>{t("due.title")}</h2>
        {ending && <p class="note">{t("due.membership", { day: expires })}</p>}
        {failed && <Failed text={failed} />}
        {!listed && !failed && <p role="status">{t("shell.working")}</p>}
        {listed?.length === 0 && <p>{t("due.none")}</p>}
        <ul>
          {listed?.map((one) => (
            <li key={one.id ?? `${one.record}${one.due}`}>
              <DueLine due={one} onDone={load} />{" "}
              <span class="details">{one.record ? <RecordLink record={one.record} /> : t("due.case")}</span>
            </li>
          ))}
        </ul>
      </section>
    </WithRecords>
  );
}
