/** Who has enrolled and waits for the root: the request goes out by hand, the card comes back by hand. */

import { CryptoError } from "../../../src/crypto/errors.ts";
import { post } from "../api.ts";
import { printOf } from "../keys/root.ts";
import { type Act, Failed, Grouped, may, rolesText, saveFile, Sure } from "../parts.tsx";
import { t } from "../texts.ts";

export interface Applicant {
  readonly member: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly days: number;
  readonly day: string;
  readonly fingerprint: string;
  readonly request: string;
  readonly second: boolean;
}

export function Waiting(props: {
  waiting: readonly Applicant[];
  /** Members who were proposed, or approved, with the keys that they applied with. */
  wanted: readonly string[];
  busy: boolean;
  act: Act;
}) {
  const { waiting, busy, act } = props;
  return (
    <>
      <h3>{t("people.waiting")}</h3>
      {waiting.length ? <p>{t("people.how")}</p> : <p>{t("people.nobody")}</p>}
      <ul class="rows">
        {waiting.map((each) => (
          <Row
            key={each.member}
            applicant={each}
            wanted={props.wanted.includes(each.fingerprint)}
            busy={busy}
            act={act}
          />
        ))}
      </ul>
      {may("administrator") && waiting.length > 0 && <Card act={act} />}
    </>
  );
}

function Row(props: { applicant: Applicant; wanted: boolean; busy: boolean; act: Act }) {
  const { applicant, wanted, busy, act } = props;
  const { member, roles, days, day } = applicant;
  const print = printIn(applicant);
  const holder = roles.includes("key-holder"); // the other ones for whom two are needed are custodians
  const propose = async () => {
    await post("/review/v1/proposals", { kind: "add_key_holder", member });
    return t("people.proposed");
  };
  const refuse = async () => {
    await post(`/review/v1/applications/${member}/refusal`);
  };
  return (
    <li>
      <strong>{t("people.asks", { member, roles: rolesText(roles), days, day })}</strong>
      <p>
        {t("people.fingerprint")}: {print && <Grouped hex={print} />}
      </p>
      {!print && <Failed text={t("people.otherprint")} />}
      {applicant.second && <p class="note">{holder ? t("people.second") : t("people.secondnames")}</p>}
      <p class="actions">
        <button
          type="button"
          disabled={!print}
          onClick={() => saveFile(`${member}.request.json`, withDays(applicant.request, days))}
        >
          {t("people.download")}
        </button>
        {applicant.second && !wanted && print && may("administrator", "custodian", "key-holder") && (
          <button type="button" disabled={busy} onClick={() => act(propose)}>
            {t("people.propose")}
          </button>
        )}
        {may("administrator") && (
          <Sure
            label={t("people.refuse")}
            question={t("people.refusesure", { member })}
            busy={busy}
            onYes={() => act(refuse)}
          />
        )}
      </p>
    </li>
  );
}

/** A request as the keeper of the root gets it: with the days that the invitation meant, which nobody signed. */
function withDays(request: string, days: number): string {
  return JSON.stringify({ days, ...(JSON.parse(request) as object) });
}

/** The fingerprint of the keys in a request, worked out here; "" if the server says another one. */
export function printIn(applicant: Applicant): string {
  try {
    const { member, print } = printOf(applicant.request);
    return member === applicant.member && print === applicant.fingerprint ? print : "";
  } catch (error) {
    if (error instanceof CryptoError) return "";
    throw error;
  }
}

function Card({ act }: { act: Act }) {
  const read = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (!file) return;
    act(async () => {
      const card = (await file.text()).trim();
      input.value = "";
      const { member } = await post<{ member: string }>("/review/v1/cards", { card });
      return t("people.admitted", { member });
    });
  };
  return (
    <p>
      <label for="card">{t("people.card")}</label>
      <input
        id="card"
        type="file"
        accept=".json,application/json"
        onChange={(event) => read(event.currentTarget)}
      />
    </p>
  );
}
