/** A new passkey for a member who lost the device: a link that two colleagues gave, and the printed key. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api.ts";
import { comeBack, type Lost } from "../keys/recovery.ts";
import { Failed, Field, Form, readPrinted, useWork, why } from "../parts.tsx";
import { t } from "../texts.ts";

export function Recover({ secret, onDone }: { secret: string; onDone: () => void }) {
  const [known, setKnown] = useState<Lost>();
  const [refused, setRefused] = useState("");
  const [typed, type] = useState("");
  const [label, setLabel] = useState(t("enrol.firstpasskey"));
  const [done, finish] = useState(false);
  const { busy, failed, run } = useWork();
  useEffect(() => {
    post<Lost>("/review/v1/invitation", { secret }).then(setKnown, (error: unknown) =>
      setRefused(why(error)),
    );
  }, [secret]);
  const make = () =>
    run(async () => {
      await comeBack(secret, known!, readPrinted(typed), label);
      finish(true);
    });
  return (
    <section aria-labelledby="recover">
      <h2 id="recover">{t("recover.title")}</h2>
      {refused && <Failed text={refused} />}
      {known && !known.vault && <Failed text={t("refusal.no_printed_key")} />}
      {known?.vault && !done && (
        <>
          <p>{t("recover.how", { member: known.member })}</p>
          <p class="note">{t("recover.paper")}</p>
          <Form go={t("enrol.make")} busy={busy} failed={failed} onSend={make}>
            <Field label={t("login.words")} name="words" value={typed} onInput={type} />
            <Field label={t("enrol.passkeyname")} name="label" value={label} max={64} onInput={setLabel} />
          </Form>
        </>
      )}
      {done && (
        <>
          <p>{t("recover.done")}</p>
          <p>
            <button type="button" class="main" onClick={onDone}>
              {t("enrol.login")}
            </button>
          </p>
        </>
      )}
    </section>
  );
}
