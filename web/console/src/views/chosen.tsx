/** What can be done with records that were chosen: giving them to a member, into a case, proposing an export. */

import { useState } from "preact/hooks";
import { put } from "../api.ts";
import { Choice, Failed, Form, may, useWork } from "../parts.tsx";
import type { Item } from "../records/listed.ts";
import type { Called, Found } from "../records/looked.ts";
import { t } from "../texts.ts";
import { type Cases, openCases } from "../work/cases.ts";
import { AssignMany } from "./inbox_assign.tsx";
import { NewCase } from "./new_case.tsx";
import { ProposeExport } from "./propose_export.tsx";

export function ChosenRecords({ items, onDone }: { items: readonly Item[]; onDone: () => void }) {
  const records = items.map(({ row }) => row.record);
  return (
    <>
      {may("key-holder") && <AssignMany records={records} listed={items} onDone={onDone} />}
      <Further records={items.map(({ row }) => row)} />
    </>
  );
}

/** A case and an export: for the list, and for one record. */
export function Further(props: {
  records: readonly Called[];
  /** What the person set, of a record that is open on this page. */
  known?: Found;
}) {
  const { records, known } = props;
  const [done, say] = useState("");
  const [made, count] = useState(0);
  const ids = records.map(({ record }) => record);
  if (!records.length) return done ? <p role="status">{done}</p> : null;
  return (
    <>
      <IntoCase records={ids} onDone={say} />
      {may("key-holder", "reviewer") && (
        <details>
          <summary>{t("exports.proposethese", { count: records.length })}</summary>
          <ProposeExport
            key={`${made} ${ids.join()}`} // of other records nothing was looked at, and each is asked about anew
            records={records}
            {...(known ? { known } : {})}
            name="chosen-reason"
            onDone={() => {
              say(t("exports.proposed"));
              count(made + 1);
            }}
          />
        </details>
      )}
      <div role="status">{done && <p class="note">{done}</p>}</div>
    </>
  );
}

function IntoCase({ records, onDone }: { records: readonly string[]; onDone: (said: string) => void }) {
  const [found, list] = useState<Cases>();
  const [chosen, choose] = useState("");
  const { busy, failed, run } = useWork();
  const look = () => run(async () => list(await openCases()));
  const cases = found?.cases;
  const [one, ...more] = records;
  const among = more.length ? [] : (cases ?? []).filter((each) => each.records.includes(one!));
  const begun = async (problem: string) => {
    const now = await openCases();
    list(now);
    if (problem) onDone(`${t("cases.notall")} ${problem}`);
    const into = now.cases.find((each) => records.every((record) => each.records.includes(record)));
    if (into) onDone(t("cases.added", { count: records.length, title: into.title || t("cases.untitled") }));
  };
  const add = async () => {
    const into = cases?.find((each) => each.place.workspace.id === chosen);
    if (!into) return;
    for (const record of records) await put(`/review/v1/cases/${chosen}/records/${record}`, {});
    list(await openCases());
    onDone(t("cases.added", { count: records.length, title: into.title || t("cases.untitled") }));
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && !cases && look()}>
      <summary>{more.length ? t("cases.into", { count: records.length }) : t("cases.ofrecord")}</summary>
      {cases && !more.length && (
        <p>
          {among.length ? t("cases.in") : t("cases.innone")}{" "}
          {among.map(({ title }) => title || t("cases.untitled")).join("; ")}
        </p>
      )}
      {found && cases?.length === 0 && (
        <>
          <p>{t("cases.none")}</p>
          <NewCase cards={found.cards} records={records} onDone={begun} />
        </>
      )}
      {!cases && failed && <Failed text={failed} />}
      {cases && cases.length > 0 && (
        <Form go={t("cases.add")} busy={busy} failed={failed} onSend={() => run(add)}>
          <Choice
            label={t("cases.which")}
            name="into-case"
            value={chosen}
            options={[
              ["", t("cases.pick")],
              ...cases.map(
                ({ place, title }) => [place.workspace.id, title || t("cases.untitled")] as [string, string],
              ),
            ]}
            onChange={choose}
          />
        </Form>
      )}
    </details>
  );
}
