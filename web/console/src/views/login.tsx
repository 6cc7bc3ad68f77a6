/** Logging in, and opening the keys with the printed key where the passkey could not. */

import { useState } from "preact/hooks";
import { PURPOSES } from "../../../src/crypto/statement.ts";
import { available } from "../keys/passkey.ts";
import { enter, PRINTED, unlock } from "../keys/session.ts";
import { Choice, Failed, Field, Form, readPrinted, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";

/** What auditors and administrators choose. Before the passkey is used nobody knows who will log in. */
const NOTHING = "none";

export function Login() {
  // Nobody reads for something that they have not chosen: the person who testified is told of it.
  const [purpose, choose] = useState("");
  const [wrong, setWrong] = useState("");
  const { busy, failed, run } = useWork();
  const send = () => {
    setWrong(purpose ? "" : t("login.nopurpose"));
    if (purpose) run(() => enter(purpose === NOTHING ? "" : purpose));
  };
  return (
    <section aria-labelledby="login">
      <h2 id="login">{t("login.title")}</h2>
      {state.over && <p class="note">{t("shell.over")}</p>}
      {!available() && <Failed text={t("login.nobrowser")} />}
      <Form go={t("login.go")} busy={busy} failed={wrong || failed} onSend={send}>
        <Choice
          label={t("login.purpose")}
          name="purpose"
          value={purpose}
          options={[
            ["", t("shell.choose")],
            [NOTHING, t("login.nothing")],
            ...PURPOSES.map((each) => [each, t(`purpose.${each}`)] as const),
          ]}
          onChange={choose}
        />
        <p class="hint">{t("login.why")}</p>
      </Form>
    </section>
  );
}

/** The printed key, where there is one. */
export function OpenKeys() {
  const [typed, type] = useState("");
  const { busy, failed, run } = useWork();
  if (!state.oneself?.vaults[PRINTED]) return null;
  const open = () => run(async () => unlock(readPrinted(typed)));
  return (
    <>
      <p>{t("login.printed")}</p>
      <Form go={t("login.open")} busy={busy} failed={failed} onSend={open}>
        <Field label={t("login.words")} name="words" value={typed} onInput={type} />
      </Form>
    </>
  );
}

/** `onWithout`: go on with closed keys. */
export function Unlock({ onWithout }: { onWithout: () => void }) {
  return (
    <section aria-labelledby="unlock">
      <h2 id="unlock">{t("login.unlock")}</h2>
      <OpenKeys />
      <p>
        <button type="button" onClick={onWithout}>
          {t("login.without")}
        </button>
      </p>
    </section>
  );
}
