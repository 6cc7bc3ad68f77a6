/** The reason in words of one request: at once while it waits, later when somebody wants to read it again. */

import { useEffect, useState } from "preact/hooks";
import { Failed, useWork } from "../parts.tsx";
import { readWords, type Words } from "../records/reasons.ts";
import { t } from "../texts.ts";
import type { Request } from "./approvals.tsx";

export function ReasonWords({ request }: { request: Request }) {
  const [wanted, want] = useState(request.state === "waiting");
  const [found, show] = useState<Words>();
  const { failed, run } = useWork();
  useEffect(() => {
    if (wanted && request.words) run(async () => show(await readWords(request)));
  }, [wanted, request.id]);
  if (!request.words) return <>{t("approvals.words.none")}</>;
  if (failed) return <Failed text={failed} />;
  if (!wanted) {
    return (
      <button type="button" onClick={() => want(true)}>
        {t("approvals.words.read")}
      </button>
    );
  }
  if (!found) return <span role="status">{t("shell.working")}</span>;
  if (found === "others") return <p class="note">{t("approvals.words.others")}</p>;
  if (found === "bad") return <Failed text={t("approvals.words.bad")} />;
  return (
    <>
      <p class="said">{found.text}</p>
      <p class="details">{t("approvals.words.by", { day: found.day, who: request.asked_by })}</p>
    </>
  );
}
