/** The correspondence about one record, and what became of it: the person reads both with the receipt. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api.ts";
import { Area, Choice, Failed, Form, Sure, useWork } from "../parts.tsx";
import { asksAnotherWay, limitsOf, writing } from "../records/limits.ts";
import type { Opened } from "../records/opening.ts";
import { state } from "../state.ts";
import { LANGUAGES, language, t } from "../texts.ts";
import { canWrite, type Letters, readLetters, writeLetter } from "../work/letters.ts";
import { useDraft } from "../work/drafts.ts";
import { ownCertificate } from "../work/keys.ts";
import { placeOf } from "../work/place.ts";

const WORD = {
  unknown: "limits.unknown",
  only_answer: "limits.onlyanswer",
  only_answer_unasked: "limits.onlyanswerunasked",
} as const;
const STANDINGS = ["in_case", "closed"] as const;

export function RecordMessages({ opened }: { opened: Opened }) {
  const { record } = opened.answer;
  const [found, setFound] = useState<Letters>();
  const { failed, run } = useWork();
  const load = async () => setFound(await readLetters(opened));
  useEffect(() => run(load), [opened]);
  return (
    <section class="messages" aria-labelledby="messages">
      <h3 id="messages">{t("messages.title")}</h3>
      {failed && <Failed text={failed} />}
      {found?.letters.length === 0 && <p>{t("messages.none")}</p>}
      {found && found.hidden > 0 && <p class="note">{t("messages.hidden", { count: found.hidden })}</p>}
      <ol class="entries">
        {found?.letters.map((letter) => (
          <li key={letter.part}>
            <p class="details">
              {letter.author === null
                ? t("messages.person", { day: letter.day })
                : t("messages.member", { day: letter.day, who: letter.author })}
            </p>
            <p class="said">{letter.text}</p>
          </li>
        ))}
      </ol>
      {found && !canWrite(opened) && <p class="note">{t("messages.noplace")}</p>}
      {found && canWrite(opened) && <Write opened={opened} found={found} onSent={load} />}
      <Standing key={record} record={record} now={opened.listed?.row.standing ?? null} />
    </section>
  );
}

function Write(props: { opened: Opened; found: Letters; onSent: () => Promise<void> }) {
  const [text, setText] = useDraft(`message/${props.opened.answer.record}`);
  const [spoken, setSpoken] = useState(languageOf(props.opened));
  const [answers, setAnswers] = useState("");
  const { busy, failed, run } = useWork();
  const theirs = props.found.letters.filter((letter) => letter.author === null);
  const limits = limitsOf(props.opened.record, state.oneself!.mechanism);
  const may = writing(limits, theirs.length > 0);
  if (may === "never" || may === "unasked") return <p class="note">{t(`limits.${may}`)}</p>;
  const answering = may === "only_answer" || may === "only_answer_unasked";
  const answered = answers || (answering ? theirs.at(-1)!.part : "");
  const send = async () => {
    if (!text.trim() || !spoken) return;
    const [, cards] = await placeOf(props.opened.answer.record);
    const letter = { text, language: spoken, answers: answered || null };
    await writeLetter(props.opened, ownCertificate(cards), letter);
    setText("");
    setAnswers("");
    await props.onSent();
  };
  return (
    <Form go={t("messages.send")} busy={busy} failed={failed} onSend={() => run(send)}>
      {asksAnotherWay(limits) && <p class="note">{t("limits.anotherway")}</p>}
      <Area
        label={t("messages.text")}
        name="message-text"
        rows={4}
        max={10000}
        hint={t("messages.hint")}
        value={text}
        onInput={setText}
      />
      <Choice
        label={t("messages.language")}
        name="message-language"
        value={spoken}
        options={[
          ...(spoken ? [] : [["", t("shell.choose")] as const]),
          ...LANGUAGES.map((each) => [each, t(`shell.${each}`)] as const),
        ]}
        required
        onChange={setSpoken}
      />
      <Choice
        label={t("messages.answers")}
        name="message-answers"
        value={answered}
        options={[
          ...(answering ? [] : [["", t("messages.nothing")] as const]),
          ...theirs.map((letter) => [letter.part, `${letter.day}: ${letter.text.slice(0, 40)}`] as const),
        ]}
        onChange={setAnswers}
      />
      {may !== "free" && (
        <label class="tick">
          <input type="checkbox" name="message-word" required /> {t(WORD[may])}
        </label>
      )}
    </Form>
  );
}

/** The language in which the person wrote, if a message can be in it: nothing, if it is none of these, or more. */
function languageOf({ record }: Opened): string {
  const written = new Set(record.current("narrative").map((said) => said.fields.value("language")));
  const [only] = written.size === 1 ? written : [];
  if (!written.size) return language();
  return LANGUAGES.find((each) => each === only) ?? "";
}

/** What the person is told became of the record. `now` is what the list said; null if nothing was, or nothing is known. */
function Standing({ record, now }: { record: string; now: string | null }) {
  const [standing, setStanding] = useState("");
  const [told, setTold] = useState("");
  const { busy, failed, run } = useWork();
  const send = async () => {
    await post(`/review/v1/records/${record}/standing`, { standing });
    setTold(standing);
  };
  return (
    <>
      {(told || now) && <p>{t("messages.now", { what: t(`messages.${told || now}`) })}</p>}
      <Choice
        label={t("messages.standing")}
        name="standing"
        value={standing}
        options={[
          ["", t("messages.pick")],
          ...STANDINGS.map((each) => [each, t(`messages.${each}`)] as [string, string]),
        ]}
        onChange={setStanding}
      />
      {standing && standing !== told && (
        <p>
          <Sure
            label={t("messages.standing")}
            question={t("messages.sure", { what: t(`messages.${standing}`) })}
            busy={busy}
            onYes={() => run(send)}
          />
        </p>
      )}
      {failed && <Failed text={failed} />}
      <div role="status">{told && <p>{t("messages.told")}</p>}</div>
    </>
  );
}
