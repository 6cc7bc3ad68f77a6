/** Asking for identity and what is intimate: for oneself, or for a program of the mechanism. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../../api.ts";
import { Area, Choice, Field, Form, hourOf, useWork } from "../../parts.tsx";
import { asksFirst, limitsOf } from "../../records/limits.ts";
import { isOpen } from "../../records/looked.ts";
import type { Opened } from "../../records/opening.ts";
import { sealWords } from "../../records/reasons.ts";
import { state } from "../../state.ts";
import { t } from "../../texts.ts";
import { useDraft } from "../../work/drafts.ts";
import type { Request } from "../approvals.tsx";

const REASONS = ["contact", "corroboration", "proceedings", "protection", "same_person"];
const GUARDED = ["identity", "sensitive"] as const;
const PROGRAM = "client:";

/** `works`: the record is assigned to the member, who may ask for themselves. */
export function AskIdentity({ path, opened, works }: { path: string; opened: Opened; works: boolean }) {
  const [wanted, want] = useState<ReadonlySet<string>>();
  const [reason, say] = useState("");
  const [program, name] = useState("");
  const [waiting, show] = useState<readonly Request[]>([]);
  const [allowed, showAllowed] = useState<readonly Request[]>([]);
  const { busy, failed, run } = useWork();
  const { record } = opened.answer;
  const [words, write] = useDraft(`reason/${record}`);
  const load = async (): Promise<void> => {
    const { requests } = await get<{ requests: readonly Request[] }>("/review/v1/identity-requests");
    const own = requests.filter((one) => one.asked_by === state.oneself?.member);
    show(own.filter((one) => one.record === record && one.state === "waiting"));
    showAllowed(own.filter((one) => one.record === record && isOpen(one)));
  };
  useEffect(() => run(load), [record]);
  const { audience, compartments } = opened.record.reader.statement;
  const ours = new Set(
    audience.filter((one) => one.mechanism === state.oneself!.mechanism).map((one) => one.compartment),
  );
  const there = compartments.filter((one) => ours.has(one.id));
  const readable = new Set(opened.answer.own.map((one) => one.compartment));
  // Of a program nobody knows here what is open to it; for oneself, what is open already is not asked for.
  const asked = program ? there : works ? there.filter((one) => !readable.has(one.id)) : [];
  const kinds = GUARDED.filter((kind) => asked.some((one) => one.kind === kind));
  if (!GUARDED.some((kind) => there.some((one) => one.kind === kind))) return null;
  const chosen = kinds.filter((kind) => wanted?.has(kind));
  const limits = limitsOf(opened.record, state.oneself!.mechanism);
  const contact = limits.choice?.contact;
  const never = contact === "never" || contact === null;
  const go = (): void =>
    run(async () => {
      if (!chosen.length || !reason) return;
      const client = program.trim().replace(PROGRAM, "");
      const member = client ? PROGRAM + client : state.oneself!.member;
      const text = words.trim();
      const sealed = text ? await sealWords({ record, member, classes: chosen, reason }, text) : {};
      const body = { classes: chosen, reason, ...(client ? { client } : {}), ...sealed };
      await post(`${path}/identity-requests`, body);
      write("");
      await load();
    });
  return (
    <>
      <h4>{t("record.ask")}</h4>
      <p class="hint">{t("record.askwhy")}</p>
      <div role="status">
        {allowed.map((one) => (
          <p key={one.id}>
            {t("record.allowed", {
              what: one.classes.map((each) => t(`record.class.${each}`)).join(", "),
              hour: hourOf(one.expires!),
              who: one.decided_by ?? "?",
            })}
          </p>
        ))}
        {waiting.map((one) => (
          <p key={one.id}>
            {one.classes.map((each) => t(`record.class.${each}`)).join(", ")}
            {one.member.startsWith(PROGRAM) && ` (${one.member.replace(PROGRAM, "")})`}: {t("record.asked")}
          </p>
        ))}
      </div>
      <Form go={t("record.askgo")} busy={busy} failed={failed} onSend={go}>
        <Field
          label={t(works ? "record.askfor" : "record.askprogram")}
          name="ask-program"
          value={program}
          max={64}
          onInput={name}
        />
        <fieldset>
          <legend>{t("record.askwhat")}</legend>
          {kinds.map((kind) => (
            <label key={kind} class="tick">
              <input
                type="checkbox"
                name={`ask-${kind}`}
                checked={chosen.includes(kind)}
                required={!chosen.length}
                onChange={(event) => {
                  const next = new Set<string>(chosen);
                  if (event.currentTarget.checked) next.add(kind);
                  else next.delete(kind);
                  want(next);
                }}
              />{" "}
              {t(`record.class.${kind}`)}
            </label>
          ))}
          {!kinds.length && <p class="hint">{t("record.asknothing")}</p>}
        </fieldset>
        <Choice
          label={t("approvals.reason")}
          name="reason"
          value={reason}
          options={[
            ["", t("record.askpick")] as const,
            ...REASONS.filter((one) => one !== "contact" || !never).map(
              (one) => [one, t(`approvals.reason.${one}`)] as const,
            ),
          ]}
          required
          onChange={say}
        />
        <Area
          label={t("record.askwords")}
          name="ask-words"
          rows={3}
          max={2000}
          hint={t("record.askwordshint")}
          value={words}
          onInput={write}
        />
        {never && <p class="hint">{t(contact === null ? "limits.noreasonunasked" : "limits.noreason")}</p>}
        {asksFirst(limits) && <p class="note">{t("limits.askfirst")}</p>}
      </Form>
    </>
  );
}
