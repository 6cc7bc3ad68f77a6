/** What can be done with records that were chosen: giving them to a member, into a case, proposing an export. */

import { useState } from "preact/hooks";
import { post, put } from "../api.ts";
import { confirm } from "../keys/session.ts";
import { Choice, Failed, Form, may, Sure, useWork } from "../parts.tsx";
import type { Item } from "../records/listed.ts";
import { t } from "../texts.ts";
import { type Cases, openCases } from "../work/cases.ts";
import { ExportReason } from "./exported.tsx";
import { AssignMany } from "./inbox_assign.tsx";
import { NewCase } from "./new_case.tsx";

export function ChosenRecords({ items, onDone }: { items: readonly Item[]; onDone: () => void }) {
  const records = items.map(({ row }) => row.record);
  const names = items.map(({ row, name }) => `${row.number} ${name}`);
  return (
    <>
      {may("key-holder") && <AssignMany records={records} listed={items} onDone={onDone} />}
      <Further records={records} names={names} />
    </>
  );
}

/** A case and an export: for the list, and for one record. `names` says which records these are. */
export function Further(props: {
  records: readonly string[];
  names: readonly string[];
  /** Whoever gave one of them wants to be asked before each use. */
  asksFirst?: boolean;
}) {
  const { records, names } = props;
  const [done, say] = useState("");
  const [reason, setReason] = useState("");
  const { busy, failed, run } = useWork();
  const propose = async () => {
    await confirm();
    await post("/review/v1/exports", { records, reason });
    say(t("exports.proposed"));
  };
  if (!records.length) return done ? <p role="status">{done}</p> : null;
  return (
    <>
      <IntoCase records={records} onDone={say} />
      {may("key-holder", "reviewer") && (
        <details>
          <summary>{t("exports.title")}</summary>
          <ExportReason name="chosen-reason" value={reason} onChange={setReason} />
          <p>
            <Sure
              label={t("exports.proposethese", { count: records.length })}
              question={`${props.asksFirst ? `${t("limits.askfirst")} ` : ""}${t("exports.sure", { names: names.join(", ") })}`}
              busy={busy || !reason}
              onYes={() => run(propose)}
            />
          </p>
        </details>
      )}
      {failed && <Failed text={failed} />}
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
          <NewCase cards={found.cards} onDone={async () => list(await openCases())} />
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
