/** Requests to open identity: a custodian decides on others', everybody sees what became of their own. */

import { useEffect, useState } from "preact/hooks";
import type { Class } from "../../../src/crypto/compartments.ts";
import { get, post } from "../api.ts";
import { Choice, Failed, hourOf, useWork } from "../parts.tsx";
import { askedOnly } from "../records/asked.ts";
import { recipientOf } from "../records/keyring.ts";
import { RecordLink } from "../records/link.tsx";
import { recordName } from "../records/names.ts";
import { sealFor } from "../records/opening.ts";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { type Proposal, Proposals } from "./proposals.tsx";
import { ReasonWords } from "./reason_words.tsx";
import { LookAtLimits } from "./record/limits.tsx";
import { WithRecords } from "./with_records.tsx";

/** `GET /review/v1/identity-requests`; `expires` in hours since 1970. */
export interface Request {
  readonly id: string;
  readonly record: string;
  readonly member: string;
  readonly asked_by: string;
  readonly classes: readonly Class[];
  readonly reason: string;
  /** Whether the reason came in words, too. */
  readonly words: boolean;
  readonly state: string;
  readonly decided_by: string | null;
  readonly day: string;
  readonly expires: number | null;
}

const PROGRAM = "client:";
const HOURS = ["4", "24", "72"];

export function ApprovalsView() {
  const [requests, set] = useState<readonly Request[]>();
  const [exported, setExported] = useState<readonly Proposal[]>([]);
  const [decided, decide] = useState(false);
  const { busy, failed, run } = useWork();
  const see = async () => {
    set((await get<{ requests: Request[] }>("/review/v1/identity-requests")).requests);
    const { proposals } = await get<{ proposals: readonly Proposal[] }>("/review/v1/people");
    setExported(proposals.filter((one) => one.kind === "export" && one.state === "waiting" && !one.over));
  };
  const load = (): void => run(see);
  useEffect(load, []);
  return (
    <WithRecords>
      <section aria-labelledby="approvals">
        <h2 id="approvals">{t("approvals.title")}</h2>
        {failed && <Failed text={failed} />}
        <div role="status">{decided && <p class="note">{t("approvals.decided")}</p>}</div>
        {requests?.length === 0 && !exported.length && <p>{t("approvals.none")}</p>}
        {exported.length > 0 && (
          <Proposals
            proposals={exported}
            waiting={[]}
            busy={busy}
            act={(work) =>
              run(async () => {
                decide(false);
                await work();
                await see();
                decide(true);
              })
            }
          />
        )}
        {requests?.map((one) => (
          <OneRequest
            key={one.id}
            request={one}
            onDone={() => {
              decide(true);
              load();
            }}
          />
        ))}
      </section>
    </WithRecords>
  );
}

function OneRequest({ request, onDone }: { request: Request; onDone: () => void }) {
  const [hours, setHours] = useState("24");
  const [seen, see] = useState(false);
  const { busy, failed, run } = useWork();
  const { member, roles } = state.oneself!;
  const mine = [request.asked_by, request.member].includes(member);
  const decides = roles.includes("custodian") && request.state === "waiting" && !mine;
  // As the server lets them: what was decided for others is closed again to a custodian.
  const sees = decides || roles.includes("key-holder") || request.member === member;
  const say = (approve: boolean): void =>
    run(async () => {
      const grants =
        approve && !request.member.startsWith(PROGRAM)
          ? await sealFor(request.record, await recipientOf(request.member), askedOnly(request.classes))
          : [];
      const path = `/review/v1/identity-requests/${request.id}/decision`;
      await post(path, { approve, hours: Number(hours), grants });
      onDone();
    });
  return (
    <article class="panel" aria-label={recordName(request.record)}>
      <h3>{sees ? <RecordLink record={request.record} /> : recordName(request.record)}</h3>
      <dl>
        <dt>{t("approvals.for")}</dt>
        <dd>{request.member.replace(PROGRAM, `${t("approvals.program")} `)}</dd>
        {request.member !== request.asked_by && (
          <>
            <dt>{t("approvals.by")}</dt>
            <dd>{request.asked_by}</dd>
          </>
        )}
        <dt>{t("approvals.what")}</dt>
        <dd>{request.classes.map((each) => t(`record.class.${each}`)).join(", ")}</dd>
        <dt>{t("approvals.reason")}</dt>
        <dd>{t(`approvals.reason.${request.reason}`)}</dd>
        <dt>{t("approvals.words")}</dt>
        <dd>
          <ReasonWords request={request} />
        </dd>
        <dt>{t("approvals.state")}</dt>
        <dd>
          {t(`approvals.state.${request.state}`)}
          {request.decided_by && ` (${request.decided_by})`}
          {request.expires !== null && `, ${t("approvals.until", { hour: hourOf(request.expires) })}`}
        </dd>
      </dl>
      {decides && (
        <>
          {roles.includes("key-holder") ? (
            <LookAtLimits record={request.record} onSeen={() => see(true)} />
          ) : (
            // The account is not open to a custodian: looking would spend an opening, and show nothing.
            <label class="tick">
              <input
                type="checkbox"
                name={`told-${request.id}`}
                checked={seen}
                onChange={(event) => see(event.currentTarget.checked)}
              />{" "}
              {t("limits.told")}
            </label>
          )}
          <Choice
            label={t("approvals.hours")}
            name={`hours-${request.id}`}
            value={hours}
            options={HOURS.map((each) => [each, each])}
            onChange={setHours}
          />
          {!seen && <p class="hint">{t("approvals.after")}</p>}
          <p class="bar">
            {seen && ( // what the person set may say that the name stays closed
              <button type="button" class="main" disabled={busy} onClick={() => say(true)}>
                {t("approvals.approve")}
              </button>
            )}
            <button type="button" disabled={busy} onClick={() => say(false)}>
              {t("approvals.refuse")}
            </button>
          </p>
        </>
      )}
      {failed && <Failed text={failed} />}
    </article>
  );
}
