/** What a member does with a record: how far the work is, who works on it, and asking for identity. */

import { useState } from "preact/hooks";
import { post, put, remove } from "../../api.ts";
import { Choice, Failed, Form, Sure, useWork } from "../../parts.tsx";
import type { Opened } from "../../records/opening.ts";
import { state } from "../../state.ts";
import { t } from "../../texts.ts";
import { Further } from "../chosen.tsx";
import { AssignMany } from "../inbox_assign.tsx";
import { recordName } from "../../records/names.ts";

const STATUSES = ["new", "assigned", "in_review", "waiting", "closed"];
export const REASONS = ["contact", "corroboration", "proceedings", "protection", "same_person"];

export function Acting({ opened, onChanged }: { opened: Opened; onChanged: () => void }) {
  const { answer } = opened;
  const { roles, member } = state.oneself!;
  const { busy, failed, run } = useWork();
  const [status, choose] = useState(answer.status);
  const path = `/review/v1/records/${answer.record}`;
  const holds = roles.includes("key-holder");
  const works = answer.assigned.includes(member);
  const change = (work: () => Promise<unknown>): void =>
    run(async () => {
      await work();
      onChanged();
    });
  return (
    <section aria-labelledby="acting">
      <h3 id="acting">{t("record.acting")}</h3>
      {(holds || works) && (
        <Form
          go={t("record.setstatus")}
          busy={busy}
          failed=""
          onSend={() => change(() => put(`${path}/status`, { status }))}
        >
          <Choice
            label={t("record.status")}
            name="status"
            value={status}
            options={STATUSES.map((each) => [each, t(`inbox.status.${each}`)])}
            onChange={choose}
          />
        </Form>
      )}
      <h4>{t("record.assigned")}</h4>
      {answer.assigned.length ? (
        <ul>
          {answer.assigned.map((one) => (
            <li key={one}>
              {one}{" "}
              {holds && (
                <Sure
                  label={t("record.takeback")}
                  question={t("record.takebacksure", { member: one })}
                  busy={busy}
                  onYes={() => change(() => remove(`${path}/assignments/${one}`))}
                />
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p>{t("inbox.nobody")}</p>
      )}
      {failed && <Failed text={failed} />}
      {holds && (
        <AssignMany
          records={[answer.record]}
          listed={opened.listed ? [opened.listed] : []}
          onDone={onChanged}
        />
      )}
      <Further records={[answer.record]} names={[`${answer.number} ${recordName(answer.record)}`]} />
      {works && <AskIdentity path={path} opened={opened} />}
    </section>
  );
}

function AskIdentity({ path, opened }: { path: string; opened: Opened }) {
  const [kind, choose] = useState("identity");
  const [reason, say] = useState(REASONS[0]!);
  const [asked, done] = useState(false);
  const { busy, failed, run } = useWork();
  const { audience, compartments } = opened.record.reader.statement;
  const ours = new Set(
    audience.filter((one) => one.mechanism === state.oneself!.mechanism).map((one) => one.compartment),
  );
  const closed = new Set(
    compartments
      .filter((one) => ours.has(one.id) && !opened.record.reader.identities.has(one.id))
      .map((one) => one.kind),
  );
  const kinds = (["identity", "sensitive"] as const).filter((one) => closed.has(one));
  if (!kinds.length) return null;
  if (asked) return <p role="status">{t("record.asked")}</p>;
  const wanted = kinds.some((one) => one === kind) ? kind : kinds[0]!;
  const go = (): void =>
    run(async () => {
      await post(`${path}/identity-requests`, { classes: [wanted], reason });
      done(true);
    });
  return (
    <>
      <h4>{t("record.ask")}</h4>
      <p class="hint">{t("record.askwhy")}</p>
      <Form go={t("record.askgo")} busy={busy} failed={failed} onSend={go}>
        <Choice
          label={t("record.askwhat")}
          name="kind"
          value={wanted}
          options={kinds.map((one) => [one, t(`record.class.${one}`)])}
          onChange={choose}
        />
        <Choice
          label={t("approvals.reason")}
          name="reason"
          value={reason}
          options={REASONS.map((one) => [one, t(`approvals.reason.${one}`)])}
          onChange={say}
        />
      </Form>
    </>
  );
}
