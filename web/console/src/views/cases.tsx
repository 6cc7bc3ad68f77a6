/** Cases: what belongs together. A case has notes of its own, and the records that the member sees anyway. */

import { useEffect, useState } from "preact/hooks";
import { put, remove } from "../api.ts";
import { Failed, Field, Form, Heading, Sure, useWork } from "../parts.tsx";
import { RecordLink } from "../records/link.tsx";
import { fetchRows, meant } from "../records/listed.ts";
import { recordName } from "../records/names.ts";
import { t } from "../texts.ts";
import { Worded } from "../worded.ts";
import { type Case, type Cases, openCases } from "../work/cases.ts";
import type { Card } from "../work/keys.ts";
import { NewCase } from "./new_case.tsx";
import { WithRecords } from "./with_records.tsx";
import { RecordWork, WorkPanel } from "./work.tsx";

export function CasesView() {
  const [found, setFound] = useState<Cases>();
  const [chosen, choose] = useState("");
  const { failed, run } = useWork();
  const load = async () => setFound(await openCases());
  useEffect(() => run(load), []);
  const one = found?.cases.find((each) => each.place.workspace.id === chosen);
  return (
    <WithRecords>
      <section class="cases">
        <h2>{t("cases.title")}</h2>
        {failed && <Failed text={failed} />}
        {!found && !failed && <p role="status">{t("shell.working")}</p>}
        {found && found.hidden > 0 && <p class="note">{t("work.hidden", { count: found.hidden })}</p>}
        {found && one && <OneCase one={one} cards={found.cards} onBack={() => choose("")} onChange={load} />}
        {found && !one && (
          <>
            {found.cases.length === 0 && <p>{t("cases.none")}</p>}
            <ul>
              {found.cases.map((each) => (
                <li key={each.place.workspace.id}>
                  <button type="button" class="link" onClick={() => choose(each.place.workspace.id)}>
                    {each.title || t("cases.untitled")}
                  </button>{" "}
                  <span class="details">{t("cases.records", { count: each.records.length })}</span>
                </li>
              ))}
            </ul>
            <NewCase cards={found.cards} onDone={load} />
          </>
        )}
      </section>
    </WithRecords>
  );
}

function OneCase(props: {
  one: Case;
  cards: ReadonlyMap<string, Card>;
  onBack: () => void;
  onChange: () => Promise<void>;
}) {
  const { place, title, records } = props.one;
  const path = `/review/v1/cases/${place.workspace.id}/records`;
  const [record, setRecord] = useState("");
  const [open, setOpen] = useState("");
  const { busy, failed, run } = useWork();
  const change = (work: () => Promise<unknown>) =>
    run(async () => {
      await work();
      await props.onChange();
    });
  const add = async () => {
    const { records: added, unknown } = meant(await fetchRows(), record);
    if (unknown.length) throw new Worded("exports.wrong", { which: unknown.join(", ") });
    for (const id of added) await put(`${path}/${id}`, {});
    setRecord("");
  };
  return (
    <>
      <p>
        <button type="button" onClick={props.onBack}>
          {t("cases.back")}
        </button>
      </p>
      <Heading id="case" level="h3">
        {title || t("cases.untitled")}
      </Heading>
      <p>{t("cases.records", { count: records.length })}</p>
      <ul>
        {records.map((id) => (
          <li key={id}>
            <RecordLink record={id} />{" "}
            <button type="button" aria-expanded={open === id} onClick={() => setOpen(open === id ? "" : id)}>
              {t("cases.work")}
            </button>{" "}
            <Sure
              label={t("cases.remove")}
              question={t("cases.removesure", { name: recordName(id) })}
              busy={busy}
              onYes={() => change(() => remove(`${path}/${id}`))}
            />
          </li>
        ))}
      </ul>
      <Form go={t("cases.add")} busy={busy} failed={failed} onSend={() => change(add)}>
        <Field label={t("cases.id")} name="case-record" value={record} max={1000} onInput={setRecord} />
      </Form>
      {open && records.includes(open) ? (
        <RecordWork record={open} />
      ) : (
        <WorkPanel
          draft={place.workspace.id}
          place={place}
          cards={props.cards}
          refers={[]}
          onBegin={async () => place}
          onChange={props.onChange}
        />
      )}
    </>
  );
}
