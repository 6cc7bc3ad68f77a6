/** What one member proposed and another one has to decide. */

import { useState } from "preact/hooks";
import { post, remove } from "../api.ts";
import { type Act, Failed, Grouped, Link, may, rolesText, Sure } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { type Applicant, printIn } from "./applicants.tsx";
import { Exported, type ExportSubject } from "./exported.tsx";

export interface Proposal {
  readonly id: string;
  readonly kind: string;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly proposed_by: string;
  readonly day: string;
  readonly state: "waiting" | "approved" | "refused" | "done";
  readonly decided_by: string | null;
  readonly over: boolean;
}

/** Who may decide: as in `intake/people/proposals.py`, where it counts. */
const DECIDE: Readonly<Record<string, readonly string[]>> = {
  recover_member: ["administrator", "custodian", "key-holder"],
  remove_member: ["administrator", "custodian", "key-holder"],
};
const DECIDE_OTHERS = ["custodian", "key-holder"];

export function Proposals(props: {
  proposals: readonly Proposal[];
  waiting: readonly Applicant[];
  busy: boolean;
  act: Act;
}) {
  const [link, show] = useState("");
  return (
    <>
      <h3>{t("people.proposals")}</h3>
      {!props.proposals.length && <p>{t("people.none")}</p>}
      <ul class="rows">
        {props.proposals.map((each) => (
          <Row
            key={each.id}
            proposal={each}
            waiting={props.waiting}
            busy={props.busy}
            act={props.act}
            onLink={show}
          />
        ))}
      </ul>
      {link && <Link link={link} />}
    </>
  );
}

function Row(props: {
  proposal: Proposal;
  waiting: readonly Applicant[];
  busy: boolean;
  act: Act;
  onLink: (link: string) => void;
}) {
  const { proposal } = props;
  const [ready, set] = useState(false); // what is exported leaves for good: whoever agrees has seen what the persons set
  const { kind, subject, proposed_by: by } = proposal;
  const about = typeof subject["member"] === "string" ? subject["member"] : "";
  const fingerprint = subject["fingerprint"];
  // What is decided about is the request that waits, not a number beside it.
  const asked = props.waiting.find((each) => each.member === about);
  const wrong = typeof fingerprint === "string" && asked && printIn(asked) !== fingerprint;
  const own = state.oneself?.member;
  const decides =
    proposal.state === "waiting" &&
    !proposal.over &&
    !wrong &&
    ![by, about].includes(own ?? "") &&
    may(...(DECIDE[kind] ?? DECIDE_OTHERS));
  const ofExport = kind === "export";
  const decide = async (approve: boolean) => {
    const path = `/review/v1/proposals/${proposal.id}/decision`;
    const done = await post<{ link: string | null; new_epoch: boolean }>(path, { approve });
    props.onLink(done.link ?? "");
    return done.new_epoch ? t("people.epoch", { member: about }) : "";
  };
  const daily = String(subject["daily"] ?? "");
  const roles = Array.isArray(subject["roles"]) ? rolesText(subject["roles"].map(String)) : "";
  return (
    <li>
      <strong>{t(`people.${kind}`, { member: about, daily, roles })}</strong>,{" "}
      {t("people.by", { member: by, day: proposal.day })}: {stateOf(proposal)}
      {ofExport && (
        <Exported subject={subject as ExportSubject} by={by} {...(decides ? { onReady: set } : {})} />
      )}
      {typeof fingerprint === "string" && (
        <p>
          {t("people.fingerprint")}: <Grouped hex={fingerprint} />
        </p>
      )}
      {wrong && <Failed text={t("people.otherprint")} />}
      {by === own && proposal.state === "waiting" && !proposal.over && (
        <p class="actions">
          <Sure
            label={t("people.withdraw")}
            question={t("people.withdrawsure")}
            busy={props.busy}
            onYes={() => props.act(() => remove(`/review/v1/proposals/${proposal.id}`))}
          />
        </p>
      )}
      {decides && ofExport && !ready && <p class="hint">{t("approvals.after")}</p>}
      {decides && (
        <p class="actions">
          {(!ofExport || ready) && (
            <Sure
              label={t("people.yes")}
              question={t("people.approvesure")}
              busy={props.busy}
              onYes={() => props.act(() => decide(true))}
            />
          )}
          <button type="button" disabled={props.busy} onClick={() => props.act(() => decide(false))}>
            {t("people.no")}
          </button>
        </p>
      )}
    </li>
  );
}

function stateOf(proposal: Proposal): string {
  if (proposal.over) return t("people.over");
  if (proposal.state === "waiting") return t("people.waits");
  return t(`people.${proposal.state}`, { member: proposal.decided_by ?? "" });
}
