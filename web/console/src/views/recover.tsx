/** A new passkey for a member who lost the device: with a link that two colleagues gave. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api.ts";
import { create } from "../keys/passkey.ts";
import { Failed, Field, Form, useWork, why } from "../parts.tsx";
import { t } from "../texts.ts";

interface Known {
  readonly mechanism: string;
  readonly member: string;
}

export function Recover({ secret, onDone }: { secret: string; onDone: () => void }) {
  const [known, setKnown] = useState<Known>();
  const [refused, setRefused] = useState("");
  const [label, setLabel] = useState(t("enrol.firstpasskey"));
  const [done, finish] = useState(false);
  const { busy, failed, run } = useWork();
  useEffect(() => {
    post<Known>("/review/v1/invitation", { secret }).then(setKnown, (error: unknown) =>
      setRefused(why(error)),
    );
  }, [secret]);
  const make = () =>
    run(async () => {
      const { made } = await create("enrol", known!.mechanism, known!.member);
      await post("/review/v1/recoveries", { secret, passkey: { ...made, name: label, vault: null } });
      finish(true);
    });
  return (
    <section aria-labelledby="recover">
      <h2 id="recover">{t("recover.title")}</h2>
      {refused && <Failed text={refused} />}
      {known && !done && (
        <>
          <p>{t("recover.how", { member: known.member })}</p>
          <p class="note">{t("recover.paper")}</p>
          <Form go={t("enrol.make")} busy={busy} failed={failed} onSend={make}>
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
