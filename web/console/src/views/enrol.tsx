/** Becoming a member: keys made here, a passkey, the printed key, and an application for the root to sign. */

import { useEffect, useState } from "preact/hooks";
import { SLUG } from "../../../src/crypto/checks.ts";
import { b64uEncode, canonicalJson, fromUtf8 } from "../../../src/crypto/encoding.ts";
import type { Receipt } from "../../../src/crypto/receipt.ts";
import { random } from "../../../src/random.ts";
import { post } from "../api.ts";
import { create, type Created } from "../keys/passkey.ts";
import { makeKeys, newPrinted, printedWords, sealToPasskey, sealToPrinted } from "../keys/vault.ts";
import { Failed, Field, Form, Grouped, useWork, why, Words } from "../parts.tsx";
import type { OwnKeys } from "../state.ts";
import { t } from "../texts.ts";

interface Invited {
  readonly mechanism: string;
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

export function Enrol({ secret, onDone }: { secret: string; onDone: () => void }) {
  const [invited, setInvited] = useState<Invited>();
  const [failed, setFailed] = useState("");
  const [begun, begin] = useState<Begun>();
  const [fingerprint, finish] = useState("");
  useEffect(() => {
    post<Invited>("/review/v1/invitation", { secret }).then(setInvited, (error: unknown) =>
      setFailed(why(error)),
    );
  }, [secret]);
  return (
    <section aria-labelledby="enrol">
      <h2 id="enrol">{fingerprint ? t("enrol.done") : t("enrol.title")}</h2>
      {failed && <Failed text={failed} />}
      {invited && !begun && <Ask invited={invited} onMade={begin} />}
      {invited && begun && !fingerprint && (
        <Printed
          invited={invited}
          secret={secret}
          begun={begun}
          onSent={finish}
          onAgain={() => begin(undefined)}
        />
      )}
      {fingerprint && (
        <>
          <p>{t("enrol.fingerprint")}</p>
          <p>
            <Grouped hex={fingerprint} />
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

function Ask({ invited, onMade }: { invited: Invited; onMade: (begun: Begun) => void }) {
  const [member, setMember] = useState("");
  const [name, setName] = useState("");
  const [label, setLabel] = useState(t("enrol.firstpasskey"));
  const [wrong, setWrong] = useState("");
  const { busy, failed, run } = useWork();
  const make = () => {
    setWrong(SLUG.test(member) ? "" : t("enrol.slug"));
    if (!SLUG.test(member)) return;
    run(async () => {
      const printed = newPrinted();
      const [passkey, list] = [await create("enrol", invited.mechanism, member), await printedWords()];
      const words = printed.words(list);
      onMade({ member, name: name.trim() || null, label, keys: makeKeys(), passkey, printed, words });
    });
  };
  const roles = invited.roles.map((role) => t(`role.${role}`)).join(", ");
  return (
    <>
      <p>{t("enrol.invited", { mechanism: invited.mechanism, roles, days: invited.days })}</p>
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

function Printed(props: {
  invited: Invited;
  secret: string;
  begun: Begun;
  onSent: (fingerprint: string) => void;
  onAgain: () => void;
}) {
  const { begun } = props;
  const [asked, ask] = useState<readonly number[]>();
  const [typed, type] = useState<readonly string[]>(["", ""]);
  const [wrong, setWrong] = useState("");
  const { busy, failed, run } = useWork();
  const check = () => {
    const right = asked!.every((place, i) => typed[i]!.trim().toLowerCase() === begun.words[place]);
    setWrong(right ? "" : t("enrol.wrong"));
    if (right) run(async () => props.onSent(await apply(props.invited.mechanism, props.secret, begun)));
  };
  if (!asked) {
    return (
      <>
        <h3>{t("enrol.printed")}</h3>
        <p>{t("enrol.printedwhy")}</p>
        {!begun.passkey.key && <p class="note">{t("enrol.only")}</p>}
        <Words words={begun.words} />
        <p>
          <button type="button" class="main" onClick={() => ask(twoOf(begun.words.length))}>
            {t("enrol.written")}
          </button>
        </p>
      </>
    );
  }
  return (
    <Form go={t("enrol.send")} busy={busy} failed={wrong || failed} onSend={check}>
      <h3>{t("enrol.check")}</h3>
      {asked.map((place, i) => (
        <Field
          key={place}
          label={t("enrol.word", { number: place + 1 })}
          name={`word-${i}`}
          value={typed[i]!}
          onInput={(value) => type(typed.map((old, j) => (j === i ? value : old)))}
        />
      ))}
      <p>
        <button type="button" onClick={() => ask(undefined)}>
          {t("enrol.back")}
        </button>
        {failed && (
          <button type="button" onClick={props.onAgain}>
            {t("enrol.again")}
          </button>
        )}
      </p>
    </Form>
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
  return sent.fingerprint;
}

/** Two different places, in order. */
function twoOf(count: number): readonly number[] {
  const [first, second] = random(2);
  const one = first! % count;
  const other = (one + 1 + (second! % (count - 1))) % count;
  return [one, other].sort((a, b) => a - b);
}
