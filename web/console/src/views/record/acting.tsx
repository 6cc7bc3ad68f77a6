/** What a member does with a record: how far the work is, who works on it, and asking for identity. */

import { useState } from "preact/hooks";
import { put, remove } from "../../api.ts";
import { Choice, Failed, Form, Sure, useWork } from "../../parts.tsx";
import { limitsOf } from "../../records/limits.ts";
import { type Opened, worksOn } from "../../records/opening.ts";
import { state } from "../../state.ts";
import { t } from "../../texts.ts";
import { Further } from "../chosen.tsx";
import { AssignMany } from "../inbox_assign.tsx";
import { AskIdentity } from "./asking.tsx";

const STATUSES = ["new", "assigned", "in_review", "waiting", "closed"];

export function Acting({ opened, onChanged }: { opened: Opened; onChanged: () => void }) {
  const { answer } = opened;
  const { roles, member } = state.oneself!;
  const { busy, failed, run } = useWork();
  const [status, choose] = useState(answer.status);
  const [said, say] = useState("");
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
      {worksOn(answer) && (
        <Form
          go={t("record.setstatus")}
          busy={busy}
          failed=""
          onSend={() =>
            change(async () => {
              await put(`${path}/status`, { status });
              say(t("record.statusset", { status: t(`inbox.status.${status}`) }));
            })
          }
        >
          <Choice
            label={t("record.status")}
            name="status"
            value={status}
            options={STATUSES.map((each) => [each, t(`inbox.status.${each}`)])}
            onChange={(one) => {
              choose(one);
              say("");
            }}
          />
          <div role="status">{said && <p class="note">{said}</p>}</div>
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
      {holds && !opened.shut.all && (
        <AssignMany
          records={[answer.record]}
          listed={opened.listed ? [opened.listed] : []}
          onDone={onChanged}
        />
      )}
      {worksOn(answer) && (
        <Further
          records={[answer]}
          known={new Map([[answer.record, limitsOf(opened.record, state.oneself!.mechanism)]])}
        />
      )}
      {worksOn(answer) && <AskIdentity path={path} opened={opened} works={works} />}
    </section>
  );
}
