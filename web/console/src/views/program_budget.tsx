/** Another number of records that one of the mechanism's programs may open in a day: two members decide. */

import { useState } from "preact/hooks";
import { post } from "../api.ts";
import { type Act, Field, Form } from "../parts.tsx";
import { t } from "../texts.ts";

export function ProgramBudget({ busy, act }: { busy: boolean; act: Act }) {
  const [program, name] = useState("");
  const [daily, setDaily] = useState("");
  const propose = async () => {
    const member = `client:${program.trim().replace("client:", "")}`;
    await post("/review/v1/proposals", { kind: "change_budget", member, daily: Number(daily) });
    return t("people.proposed");
  };
  return (
    <details>
      <summary>{t("record.programbudget")}</summary>
      <Form go={t("people.propose")} busy={busy} failed="" onSend={() => act(propose)}>
        <Field
          label={t("record.programid")}
          name="program"
          value={program}
          max={71}
          hint={t("record.programhint")}
          onInput={name}
        />
        <Field label={t("people.daily")} name="daily-program" value={daily} max={6} onInput={setDaily} />
      </Form>
    </details>
  );
}
