/** A new printed key: shown once, and asked back from the paper before anything depends on it. */

import { useState } from "preact/hooks";
import { random } from "../../src/random.ts";
import { Field, Form, useWork, Words } from "./parts.tsx";
import { t } from "./texts.ts";

export function Printed(props: {
  words: readonly string[];
  /** There is no other way to the keys than these words. */
  only: boolean;
  go: string;
  onKept: () => Promise<void>;
  onAgain?: () => void;
}) {
  const { words } = props;
  const [asked, ask] = useState<readonly number[]>();
  const [typed, type] = useState<readonly string[]>(["", ""]);
  const [wrong, setWrong] = useState("");
  const { busy, failed, run } = useWork();
  const check = () => {
    const right = asked!.every((place, i) => typed[i]!.trim().toLowerCase() === words[place]);
    setWrong(right ? "" : t("enrol.wrong"));
    if (right) run(props.onKept);
  };
  if (!asked) {
    return (
      <div class="printed">
        <h3>{t("enrol.printed")}</h3>
        <p>{t("enrol.printedwhy")}</p>
        {props.only && <p class="note">{t("enrol.only")}</p>}
        <Words words={words} />
        <p>
          <button type="button" class="main" onClick={() => ask(twoOf(words.length))}>
            {t("enrol.written")}
          </button>
        </p>
      </div>
    );
  }
  return (
    <div class="printed">
      <Form go={props.go} busy={busy} failed={wrong || failed} onSend={check}>
        <h3>{t("enrol.check")}</h3>
        {asked.map((place, i) => (
          <Field
            key={place}
            label={t("enrol.word", { number: place + 1 })}
            name={`word-${i}`}
            value={typed[i]!}
            onInput={(value) => type(typed.map((old, j) => (j === i ? value : old)))}
          />
        ))}
        <p>
          <button type="button" onClick={() => ask(undefined)}>
            {t("enrol.back")}
          </button>
          {failed && props.onAgain && (
            <button type="button" onClick={props.onAgain}>
              {t("enrol.again")}
            </button>
          )}
        </p>
      </Form>
    </div>
  );
}

/** Two different places, in order. */
function twoOf(count: number): readonly number[] {
  const [first, second] = random(2);
  const one = first! % count;
  const other = (one + 1 + (second! % (count - 1))) % count;
  return [one, other].sort((a, b) => a - b);
}
