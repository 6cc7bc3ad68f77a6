/** What the person set, before anything is done with a record: on its page, and where somebody approves. */

import { useState } from "preact/hooks";
import { useWork, Failed } from "../../parts.tsx";
import { asksFirst, type Limits } from "../../records/limits.ts";
import { openLimits } from "../../records/opening.ts";
import { type Named, useTerms } from "../../records/terms.ts";
import { t } from "../../texts.ts";

/** Terms and descriptions, for a list of facts. */
export function LimitFacts({ limits, named }: { limits: Limits; named: Named | undefined }) {
  const { consent, choice } = limits;
  const term = (list: string, code: string): string => named?.term(list, code) ?? code;
  const states = choice?.states.map((code) => named?.country(code) ?? code).join(", ");
  return (
    <>
      <dt>{t("record.purposes")}</dt>
      <dd>{consent?.purposes.map((each) => t(`purpose.${each}`)).join(", ")}</dd>
      {consent?.expires && (
        <>
          <dt>{t("record.expires")}</dt>
          <dd>{consent.expires}</dd>
        </>
      )}
      {choice ? (
        <>
          <dt>{t("limits.contact")}</dt>
          <dd class={choice.contact === "never" ? "care" : ""}>
            {choice.contact === null ? t("limits.nocontact") : term("consent_contacts", choice.contact)}
          </dd>
          <dt>{t("limits.identity")}</dt>
          <dd class={choice.identity === null || choice.identity === "closed" ? "care" : ""}>
            {choice.identity === null
              ? t("limits.noidentity")
              : term("consent_identity_uses", choice.identity)}
          </dd>
          <dt>{t("limits.conditions")}</dt>
          {choice.conditions.length ? (
            choice.conditions.map((each) => (
              <dd key={each} class="care">
                {term("consent_conditions", each)}
                {each === "not_to_states" && `: ${states}`}
              </dd>
            ))
          ) : (
            <dd>{t("limits.nocondition")}</dd>
          )}
        </>
      ) : (
        <>
          <dt>{t("limits.title")}</dt>
          <dd class="care">{t("limits.closed")}</dd>
        </>
      )}
    </>
  );
}

/** A button, and what the person set of a record that is not open here; `onSeen` when it is shown. */
export function LookAtLimits({ record, onSeen }: { record: string; onSeen?: () => void }) {
  const [limits, set] = useState<Limits>();
  const { busy, failed, run } = useWork();
  const named = useTerms();
  const look = (): void =>
    run(async () => {
      set(await openLimits(record));
      onSeen?.();
    });
  return (
    <>
      {!limits && (
        <p>
          <button type="button" disabled={busy} onClick={look}>
            {busy ? t("shell.working") : t("limits.look")}
          </button>
          <span class="hint">{t("limits.lookwhy")}</span>
        </p>
      )}
      {failed && <Failed text={failed} />}
      <div role="status">
        {limits && (
          <dl class="facts">
            <LimitFacts limits={limits} named={named} />
          </dl>
        )}
        {limits && asksFirst(limits) && <p class="note">{t("limits.askfirst")}</p>}
      </div>
    </>
  );
}
