/** Beginning a case: its title, and who else is in it. */

import { useState } from "preact/hooks";
import { put } from "../api.ts";
import { Field, Form, useWork, why } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { writeEntry } from "../work/entries.ts";
import { type Card, ownCertificate } from "../work/keys.ts";
import { beginPlace } from "../work/place.ts";
import { ChooseReaders } from "./work_readers.tsx";

export function NewCase({
  cards,
  records = [],
  onDone,
}: {
  cards: ReadonlyMap<string, Card>;
  /** What is put into it at once. */
  records?: readonly string[];
  /** With what kept records from being put into it, if something did. */
  onDone: (problem: string) => Promise<void>;
}) {
  const [title, setTitle] = useState("");
  const [others, setOthers] = useState<readonly string[]>([]);
  const { busy, failed, run } = useWork();
  const begin = async () => {
    const place = await beginPlace(null, cards, others);
    if (title) await writeEntry(place, ownCertificate(cards), { kind: "title", values: { text: title } });
    let problem = "";
    try {
      for (const record of records) await put(`/review/v1/cases/${place.workspace.id}/records/${record}`, {});
    } catch (error) {
      problem = why(error); // the case is there, whatever could not be put into it
    }
    setTitle("");
    setOthers([]);
    await onDone(problem);
  };
  return (
    <Form go={t("cases.begin")} busy={busy} failed={failed} onSend={() => run(begin)}>
      <h3>{t("cases.begin")}</h3>
      <Field label={t("cases.name")} name="case-title" value={title} onInput={setTitle} />
      {records.length > 0 && <p>{t("cases.beginwith", { count: records.length })}</p>}
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
