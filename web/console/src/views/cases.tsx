/** Cases: what belongs together. A case has notes of its own, and the records that the member sees anyway. */

import { useEffect, useState } from "preact/hooks";
import { get, put, remove } from "../api.ts";
import { Failed, Field, Form, useWork } from "../parts.tsx";
import { recordName } from "../records/names.ts";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { readEntry, type SentEntry, writeEntry } from "../work/entries.ts";
import { type Card, ownCertificate, readCards, type SentCard } from "../work/keys.ts";
import { beginPlace, openPlace, type Place, type SentPlace } from "../work/place.ts";
import { ChooseReaders } from "./work_readers.tsx";
import { RecordWork, WorkPanel } from "./work.tsx";

interface SentCase {
  readonly workspace: SentPlace;
  readonly title: SentEntry | null;
  readonly records: readonly string[];
}

interface Case {
  readonly place: Place;
  readonly title: string;
  readonly records: readonly string[];
}

async function openCase(sent: SentCase): Promise<Case> {
  const place = await openPlace(sent.workspace, null);
  const title = sent.title ? await readEntry(place, sent.title) : undefined;
  const said = title?.entry.kind === "title" ? title.values["text"] : undefined;
  return { place, title: typeof said === "string" ? said : "", records: sent.records };
}

export function CasesView() {
  const [found, setFound] = useState<{ cases: readonly Case[]; cards: Map<string, Card>; hidden: number }>();
  const [chosen, choose] = useState("");
  const { failed, run } = useWork();
  const load = async () => {
    const sent = await get<{ cases: readonly SentCase[]; cards: readonly SentCard[] }>("/review/v1/cases");
    const opened = await Promise.allSettled(sent.cases.map(openCase));
    const cases = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    setFound({ cases, cards: readCards(sent.cards), hidden: opened.length - cases.length });
  };
  useEffect(() => run(load), []);
  const one = found?.cases.find((each) => each.place.workspace.id === chosen);
  return (
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
  );
}

function NewCase({ cards, onDone }: { cards: ReadonlyMap<string, Card>; onDone: () => Promise<void> }) {
  const [title, setTitle] = useState("");
  const [others, setOthers] = useState<readonly string[]>([]);
  const { busy, failed, run } = useWork();
  const begin = async () => {
    const place = await beginPlace(null, cards, others);
    if (title) await writeEntry(place, ownCertificate(cards), { kind: "title", values: { text: title } });
    setTitle("");
    setOthers([]);
    await onDone();
  };
  return (
    <Form go={t("cases.begin")} busy={busy} failed={failed} onSend={() => run(begin)}>
      <h3>{t("cases.begin")}</h3>
      <Field label={t("cases.name")} name="case-title" value={title} onInput={setTitle} />
      <p class="hint">{t("work.holders")}</p>
      <ChooseReaders
        legend={t("cases.members")}
        name="case"
        members={[...cards.keys()].filter((id) => id !== state.oneself?.member)}
        cards={cards}
        chosen={others}
        onChoose={setOthers}
      />
    </Form>
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
  const change = (work: Promise<unknown>) => run(async () => void (await work, await props.onChange()));
  return (
    <>
      <p>
        <button type="button" onClick={props.onBack}>
          {t("cases.back")}
        </button>
      </p>
      <h3>{title || t("cases.untitled")}</h3>
      <p>{t("cases.records", { count: records.length })}</p>
      <ul>
        {records.map((id) => (
          <li key={id}>
            {t("cases.record", { name: recordName(id) })}{" "}
            <button type="button" aria-expanded={open === id} onClick={() => setOpen(open === id ? "" : id)}>
              {t("cases.work")}
            </button>{" "}
            <button type="button" disabled={busy} onClick={() => change(remove(`${path}/${id}`))}>
              {t("cases.remove")}
            </button>
          </li>
        ))}
      </ul>
      <Form
        go={t("cases.add")}
        busy={busy}
        failed={failed}
        onSend={() => /^[0-9a-f]{64}$/.test(record) && change(put(`${path}/${record}`, {}))}
      >
        <Field label={t("cases.id")} name="case-record" value={record} max={64} onInput={setRecord} />
      </Form>
      {open && records.includes(open) ? (
        <RecordWork record={open} />
      ) : (
        <WorkPanel
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
