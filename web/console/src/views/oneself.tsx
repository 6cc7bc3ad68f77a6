/** Who I am here, what I read for, and what opens my keys. */

import { useState } from "preact/hooks";
import type { Receipt } from "../../../src/crypto/receipt.ts";
import {
  addPasskey,
  PRINTED,
  readFor,
  removePasskey,
  renamePasskey,
  replacePrinted,
} from "../keys/session.ts";
import { newPrinted, PRINTED_WORDS } from "../keys/vault.ts";
import { Choice, Failed, Field, Form, Sure, useWork } from "../parts.tsx";
import { OpenKeys } from "./login.tsx";
import { Printed } from "../printed.tsx";
import { type Passkey, state } from "../state.ts";
import { language, t } from "../texts.ts";

export function OneselfView() {
  const { failed, run } = useWork();
  const oneself = state.oneself!;
  return (
    <section aria-labelledby="oneself">
      <h2 id="oneself">{t("oneself.title")}</h2>
      <dl>
        <dt>{t("oneself.mechanism")}</dt>
        <dd>{oneself.names[language()] ?? oneself.names["en"] ?? oneself.mechanism}</dd>
        <dt>{t("oneself.member")}</dt>
        <dd>{oneself.name ? `${oneself.member} (${oneself.name})` : oneself.member}</dd>
        <dt>{t("oneself.roles")}</dt>
        <dd>{oneself.roles.map((role) => t(`role.${role}`)).join(", ")}</dd>
        <dt>{t("oneself.expires")}</dt>
        <dd>{oneself.expires}</dd>
        <dt>{t("oneself.keys")}</dt>
        <dd>{t(state.keys ? "oneself.open" : "oneself.closed")}</dd>
      </dl>
      {!state.keys && <OpenKeys />}
      {oneself.purpose && (
        <Choice
          label={t("login.purpose")}
          name="purpose"
          value={oneself.purpose}
          options={oneself.purposes.map((each) => [each, t(`purpose.${each}`)])}
          onChange={(purpose) => run(() => readFor(purpose))}
        />
      )}
      {failed && <Failed text={failed} />}
      <Passkeys />
      <PrintedKey />
    </section>
  );
}

function Passkeys() {
  const { passkeys } = state.oneself!;
  const [name, setName] = useState("");
  const { busy, failed, run } = useWork();
  const add = () =>
    run(async () => {
      await addPasskey(name);
      setName("");
    });
  return (
    <>
      <h3>{t("oneself.passkeys")}</h3>
      <p>{t("oneself.two")}</p>
      <ul class="rows">
        {passkeys.map((each) => (
          <Row key={each.id} passkey={each} />
        ))}
      </ul>
      <Form go={t("oneself.add")} busy={busy} failed={failed} onSend={add}>
        <Field label={t("enrol.passkeyname")} name="label" value={name} max={64} onInput={setName} />
      </Form>
    </>
  );
}

function Row({ passkey }: { passkey: Passkey }) {
  const [name, setName] = useState(passkey.name);
  const { busy, failed, run } = useWork();
  const { id } = passkey;
  return (
    <li>
      <strong>{passkey.name}</strong>, {passkey.day}: {t(passkey.opens ? "oneself.opens" : "oneself.only")}
      <details>
        <summary>{t("oneself.change")}</summary>
        <Form
          go={t("oneself.rename")}
          busy={busy}
          failed={failed}
          onSend={() => run(() => renamePasskey(id, name))}
        >
          <Field label={t("oneself.name")} name={`name-${id}`} value={name} max={64} onInput={setName} />
        </Form>
        <p>
          <Sure
            label={t("oneself.remove")}
            question={t("oneself.sure", { name: passkey.name })}
            busy={busy}
            onYes={() => run(() => removePasskey(id))}
          />
        </p>
      </details>
    </li>
  );
}

function PrintedKey() {
  const [made, make] = useState<{ readonly printed: Receipt; readonly words: readonly string[] }>();
  const { busy, failed, run } = useWork();
  const there = state.oneself!.vaults[PRINTED] !== undefined;
  if (made) {
    const keep = async () => {
      await replacePrinted(made.printed);
      make(undefined);
    };
    return <Printed words={made.words} only={false} go={t("oneself.use")} onKept={keep} />;
  }
  return (
    <>
      <h3>{t("enrol.printed")}</h3>
      <p>{t(there ? "oneself.printed" : "oneself.noprinted")}</p>
      <p>
        <button
          type="button"
          disabled={busy || !state.keys}
          onClick={() =>
            run(async () => {
              const printed = newPrinted();
              make({ printed, words: printed.words(PRINTED_WORDS) });
            })
          }
        >
          {t("oneself.newprinted")}
        </button>
      </p>
      {failed && <Failed text={failed} />}
    </>
  );
}
