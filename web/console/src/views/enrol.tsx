/** Becoming a member: keys made here, a passkey, the printed key, and an application for the root to sign. */

import { useEffect, useState } from "preact/hooks";
import { SLUG } from "../../../src/crypto/checks.ts";
import { b64uEncode, canonicalJson, fromUtf8 } from "../../../src/crypto/encoding.ts";
import { fingerprint } from "../../../src/crypto/membership.ts";
import type { Receipt } from "../../../src/crypto/receipt.ts";
import { post } from "../api.ts";
import { create, type Created } from "../keys/passkey.ts";
import { refused } from "../keys/root.ts";
import { makeKeys, newPrinted, PRINTED_WORDS, sealToPasskey, sealToPrinted } from "../keys/vault.ts";
import { Failed, Field, Form, Grouped, rolesText, useWork, why } from "../parts.tsx";
import { Printed } from "../printed.tsx";
import type { OwnKeys } from "../state.ts";
import { language, t } from "../texts.ts";

interface Invited {
  readonly mechanism: string;
  readonly names: Readonly<Record<string, string>>;
  readonly roles: readonly string[];
  readonly days: number;
}

/** What has been made so far. */
interface Begun {
  readonly member: string;
  readonly name: string | null;
  readonly label: string;
  readonly keys: OwnKeys;
  readonly passkey: Created;
  readonly printed: Receipt;
  readonly words: readonly string[];
}

export function Enrol(props: { secret: string; root: string | undefined; onDone: () => void }) {
  const { secret, root, onDone } = props;
  const [invited, setInvited] = useState<Invited>();
  const [failed, setFailed] = useState("");
  const [begun, begin] = useState<Begun>();
  const [print, finish] = useState("");
  useEffect(() => {
    post<Invited>("/review/v1/invitation", { secret }).then(setInvited, (error: unknown) =>
      setFailed(why(error)),
    );
  }, [secret]);
  return (
    <section aria-labelledby="enrol">
      <h2 id="enrol">{print ? t("enrol.done") : t("enrol.title")}</h2>
      {failed && <Failed text={failed} />}
      {invited && !root && <Failed text={t("enrol.noroot")} />}
      {invited && root && !begun && <Ask invited={invited} secret={secret} root={root} onMade={begin} />}
      {invited && begun && !print && (
        <Printed
          words={begun.words}
          only={!begun.passkey.key}
          go={t("enrol.send")}
          onKept={async () => finish(await apply(invited.mechanism, secret, begun))}
          onAgain={() => begin(undefined)}
        />
      )}
      {print && (
        <>
          <p>{t("enrol.fingerprint")}</p>
          <p>
            <Grouped hex={print} />
          </p>
          <p>{t("enrol.next")}</p>
          <p>
            <button type="button" onClick={onDone}>
              {t("enrol.login")}
            </button>
          </p>
        </>
      )}
    </section>
  );
}

function Ask(props: { invited: Invited; secret: string; root: string; onMade: (begun: Begun) => void }) {
  const { invited, secret, root, onMade } = props;
  const [member, setMember] = useState("");
  const [name, setName] = useState("");
  const [label, setLabel] = useState(t("enrol.firstpasskey"));
  const [wrong, setWrong] = useState("");
  const { busy, failed, run } = useWork();
  const make = () => {
    setWrong(SLUG.test(member) ? "" : t("enrol.slug"));
    if (!SLUG.test(member)) return;
    run(async () => {
      // First: a device keeps one passkey of a name, and a new one would take the place of a member's.
      await post("/review/v1/invitation", { secret, member });
      const printed = newPrinted();
      const passkey = await create("enrol", invited.mechanism, member);
      const words = printed.words(PRINTED_WORDS);
      onMade({ member, name: name.trim() || null, label, keys: makeKeys(root), passkey, printed, words });
    });
  };
  const { names, days } = invited;
  const mechanism = names[language()] ?? names["en"] ?? invited.mechanism;
  return (
    <>
      <p>{t("enrol.invited", { mechanism, roles: rolesText(invited.roles), days })}</p>
      <p>{t("enrol.root")}</p>
      <p>
        <Grouped hex={root} />
      </p>
      <p>{t("enrol.how")}</p>
      <Form go={t("enrol.make")} busy={busy} failed={wrong || failed} onSend={make}>
        <Field
          label={t("enrol.member")}
          name="member"
          value={member}
          max={32}
          hint={t("enrol.memberhint")}
          onInput={setMember}
        />
        <Field label={t("enrol.name")} name="name" value={name} onInput={setName} />
        <Field label={t("enrol.passkeyname")} name="label" value={label} max={64} onInput={setLabel} />
      </Form>
    </>
  );
}

async function apply(mechanism: string, secret: string, begun: Begun): Promise<string> {
  const { keys, passkey } = begun;
  const request = canonicalJson({
    mechanism,
    member: begun.member,
    name: begun.name,
    key: b64uEncode(keys.signing.public),
    recipient: keys.identity.recipient.text,
  });
  const vault = passkey.key && (await sealToPasskey(keys, passkey.key, passkey.nonce));
  const sent = await post<{ fingerprint: string }>("/review/v1/enrolments", {
    secret,
    request: fromUtf8(request),
    passkeys: [{ ...passkey.made, name: begun.label, vault: vault ? b64uEncode(vault) : null }],
    recovery: b64uEncode(await sealToPrinted(keys, begun.printed)),
  });
  const print = fingerprint(keys.signing.public, keys.identity.recipient);
  if (sent.fingerprint !== print) throw refused("another_print");
  return print;
}
