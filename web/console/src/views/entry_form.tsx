/** Writing an entry: what it is, what it is about, and its values from closed lists. */

import { useState } from "preact/hooks";
import type { Bytes, Json } from "../../../src/crypto/encoding.ts";
import { Choice, Failed, Field, Form, useWork } from "../parts.tsx";
import type { Refer } from "../records/refers.ts";
import { t } from "../texts.ts";
import { useDraft } from "../work/drafts.ts";
import { writeEntry } from "../work/entries.ts";
import type { Place } from "../work/place.ts";
import { CREDIBILITY, DECISIONS, DERIVATIVES, ELEMENTS, RELIABILITY, WRITTEN } from "../work/words.ts";

type Kind = (typeof WRITTEN)[number];

const options = (list: readonly string[], prefix: string) =>
  list.map((code) => [code, t(`${prefix}.${code}`)] as const);

export function EntryForm(props: {
  /** By which what is being written is found again: of which record or case. */
  draft: string;
  refers: readonly Refer[];
  place: () => Promise<Place>;
  certificate: () => Bytes;
  onWritten: () => Promise<void>;
}) {
  const [kind, setKind] = useState<Kind>("note");
  const [text, setText] = useDraft(`entry/${props.draft}`);
  const [refers, setRefers] = useState("");
  const [elements, setElements] = useState<readonly string[]>([]);
  const [reliability, setReliability] = useState<string>("unknown");
  const [credibility, setCredibility] = useState<string>("unknown");
  const [exculpatory, setExculpatory] = useState(false);
  const [decision, setDecision] = useState("");
  const [derivative, setDerivative] = useState("");
  const [tool, setTool] = useState("");
  const [files, setFiles] = useState<readonly File[]>([]);
  const { busy, failed, run } = useWork();
  const incomplete =
    (kind === "derivative" && (!files.length || !refers || !derivative)) ||
    (kind === "decision" && !decision);

  const values = (): Record<string, Json> => {
    const said = { text };
    if (kind === "tags") return { ...said, elements: [...elements], reliability, credibility, exculpatory };
    if (kind === "decision") return { ...said, decision };
    return kind === "derivative" ? { ...said, derivative, tool } : said;
  };
  const send = async () => {
    if (incomplete) return;
    const place = await props.place();
    const draft = { kind, values: values(), refers: refers || null };
    await writeEntry(place, props.certificate(), kind === "derivative" ? { ...draft, files } : draft);
    setText("");
    setTool("");
    setDecision("");
    setFiles([]);
    await props.onWritten();
  };
  return (
    <Form go={t("work.save")} busy={busy} failed={failed} onSend={() => run(send)}>
      <h4>{t("work.write")}</h4>
      <Choice
        label={t("work.kind")}
        name="work-kind"
        value={kind}
        options={options(WRITTEN, "work.kind")}
        onChange={(chosen) => setKind(chosen as Kind)}
      />
      <Choice
        label={t("work.about")}
        name="work-about"
        value={refers}
        options={[["", t("work.about.whole")], ...props.refers.map((r) => [r.id, r.label] as const)]}
        onChange={setRefers}
      />
      {kind === "tags" && (
        <fieldset>
          <legend>{t("work.elements")}</legend>
          <p class="hint">{t("work.tagsprivate")}</p>
          {ELEMENTS.map((code) => (
            <label key={code} class="tick">
              <input
                type="checkbox"
                checked={elements.includes(code)}
                onChange={(event) =>
                  setElements(
                    event.currentTarget.checked
                      ? [...elements, code]
                      : elements.filter((each) => each !== code),
                  )
                }
              />{" "}
              {t(`work.element.${code}`)}
            </label>
          ))}
          <Choice
            label={t("work.reliability")}
            name="work-reliability"
            value={reliability}
            options={options(RELIABILITY, "work.reliability")}
            onChange={setReliability}
          />
          <Choice
            label={t("work.credibility")}
            name="work-credibility"
            value={credibility}
            options={options(CREDIBILITY, "work.credibility")}
            onChange={setCredibility}
          />
          <label class="tick">
            <input
              type="checkbox"
              checked={exculpatory}
              onChange={(event) => setExculpatory(event.currentTarget.checked)}
            />{" "}
            {t("work.exculpatory")}
          </label>
        </fieldset>
      )}
      {kind === "decision" && (
        <Choice
          label={t("work.decision")}
          name="work-decision"
          value={decision}
          options={[["", t("shell.choose")], ...options(DECISIONS, "work.decision")]}
          required
          onChange={setDecision}
        />
      )}
      {kind === "derivative" && (
        <>
          <Choice
            label={t("work.derivative")}
            name="work-derivative"
            value={derivative}
            options={[["", t("shell.choose")], ...options(DERIVATIVES, "work.derivative")]}
            required
            onChange={setDerivative}
          />
          <Field label={t("work.tool")} name="work-tool" value={tool} onInput={setTool} />
          <p>
            <label for="work-files">{t("work.files")}</label>
            <input
              id="work-files"
              type="file"
              multiple
              onChange={(event) => setFiles([...(event.currentTarget.files ?? [])].slice(0, 8))}
            />
          </p>
          {incomplete && <Failed text={t("work.nofiles")} />}
        </>
      )}
      <p>
        <label for="work-text">{t("work.text")}</label>
        <textarea
          id="work-text"
          rows={4}
          maxLength={10000}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </p>
    </Form>
  );
}
