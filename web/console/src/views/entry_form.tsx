/** Writing an entry: what it is, what it is about, and its values from closed lists. */

import { useState } from "preact/hooks";
import type { Bytes, Json } from "../../../src/crypto/encoding.ts";
import { Area, Choice, Field, Form, useWork } from "../parts.tsx";
import type { Refer } from "../records/refers.ts";
import { t } from "../texts.ts";
import { useDraft } from "../work/drafts.ts";
import { writeEntry } from "../work/entries.ts";
import type { Place } from "../work/place.ts";
import { CREDIBILITY, DECISIONS, DERIVATIVES, ELEMENTS, RELIABILITY, WRITTEN } from "../work/words.ts";
import { Worded } from "../worded.ts";

type Kind = (typeof WRITTEN)[number];

/** What is chosen and not typed; each entry begins anew: what is saved about the wrong thing stays. */
interface Chosen {
  readonly kind: Kind;
  readonly refers: string;
  readonly elements: readonly string[];
  readonly reliability: string;
  readonly credibility: string;
  readonly exculpatory: boolean;
  readonly decision: string;
  readonly derivative: string;
  readonly tool: string;
  readonly files: readonly File[];
}

const NOTHING: Chosen = {
  kind: "note",
  refers: "",
  elements: [],
  reliability: "unknown",
  credibility: "unknown",
  exculpatory: false,
  decision: "",
  derivative: "",
  tool: "",
  files: [],
};
const TYPED: readonly string[] = ["translation", "transcript"]; // which can be text alone
const MOST = 8; // files of one entry

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
  const [chosen, set] = useState(NOTHING);
  const [text, setText] = useDraft(`entry/${props.draft}`);
  const [typed, setTyped] = useDraft(`typed/${props.draft}`);
  const [saved, say] = useState("");
  const { busy, failed, run } = useWork();
  const { kind, refers, elements, reliability, credibility, exculpatory, decision, derivative, tool } =
    chosen;
  const types = kind === "derivative" && TYPED.includes(derivative);
  const about = props.refers.find((one) => one.id === refers)?.label ?? t("work.about.whole");
  const choose = (some: Partial<Chosen>): void => {
    set((before) => ({ ...before, ...some }));
    say("");
  };

  const values = (): Record<string, Json> => {
    const said = { text };
    if (kind === "tags") return { ...said, elements: [...elements], reliability, credibility, exculpatory };
    if (kind === "decision") return { ...said, decision };
    return kind === "derivative" ? { ...said, derivative, tool } : said;
  };
  /** What was chosen, and what was typed as a file of its own, in UTF-8. */
  const made = (): readonly File[] => {
    const own = types && typed.trim() ? [new File([typed], `${derivative}.txt`, { type: "text/plain" })] : [];
    const files = [...own, ...chosen.files];
    if (!refers) throw new Worded("work.noorigin");
    if (!files.length) throw new Worded(types ? "work.notext" : "work.nofiles");
    if (files.length > MOST) throw new Worded("work.toomany", { count: MOST });
    return files;
  };
  const send = async () => {
    const files = kind === "derivative" ? { files: made() } : {};
    const place = await props.place();
    const draft = { kind, values: values(), refers: refers || null };
    await writeEntry(place, props.certificate(), { ...draft, ...files });
    setText("");
    if (types) setTyped("");
    choose(NOTHING);
    say(t("work.saved", { kind: t(`work.kind.${kind}`), about }));
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
        onChange={(one) => choose({ kind: one as Kind })}
      />
      <Choice
        label={t("work.about")}
        name="work-about"
        value={refers}
        options={[["", t("work.about.whole")], ...props.refers.map((r) => [r.id, r.label] as const)]}
        onChange={(one) => choose({ refers: one })}
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
                  choose({
                    elements: event.currentTarget.checked
                      ? [...elements, code]
                      : elements.filter((each) => each !== code),
                  })
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
            onChange={(one) => choose({ reliability: one })}
          />
          <Choice
            label={t("work.credibility")}
            name="work-credibility"
            value={credibility}
            options={options(CREDIBILITY, "work.credibility")}
            onChange={(one) => choose({ credibility: one })}
          />
          <label class="tick">
            <input
              type="checkbox"
              checked={exculpatory}
              onChange={(event) => choose({ exculpatory: event.currentTarget.checked })}
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
          onChange={(one) => choose({ decision: one })}
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
            onChange={(one) => choose({ derivative: one })}
          />
          <Field
            label={t("work.tool")}
            name="work-tool"
            value={tool}
            onInput={(one) => choose({ tool: one })}
          />
          {types && (
            <Area
              label={t("work.typed")}
              name="work-typed"
              rows={8}
              hint={t("work.typedhint")}
              value={typed}
              onInput={setTyped}
            />
          )}
          <p>
            <label for="work-files">{t("work.files")}</label>
            <input
              id="work-files"
              type="file"
              multiple
              onChange={(event) => choose({ files: [...(event.currentTarget.files ?? [])] })}
            />
          </p>
        </>
      )}
      <p>
        <label for="work-text">{t(kind === "derivative" ? "work.remark" : "work.text")}</label>
        <textarea
          id="work-text"
          rows={4}
          maxLength={10000}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </p>
      <p class="target">{t("work.target", { about })}</p>
      <div role="status">{saved && <p class="note">{saved}</p>}</div>
    </Form>
  );
}
