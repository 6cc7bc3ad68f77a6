/** Whether what was read of a log holds: that it is signed, or in plain words what is wrong and where it begins. */

import { Grouped, hourOf, saveFile } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import type { Proved } from "./erased.ts";
import { keyFingerprint, type Problem, type Wrong } from "./pages.ts";

const OLD = 26 * 3600; // seconds: a day of a quiet log, and what the clocks may differ
const DETAILS = 20; // lines for whoever looks closely

export function Checked({ reading }: { reading: Proved }) {
  const { checkpoint, entries, problems } = reading;
  if (problems.length) return <Wrongs reading={reading} problems={problems} />;
  if (!checkpoint) {
    return (
      <p role="alert" class="problem">
        {t("log.unsigned")}
      </p>
    );
  }
  const size = Number(checkpoint.size);
  const covered = entries.filter((entry) => entry.index < size).length;
  const padding = entries.filter((entry) => entry.padding).length;
  return (
    <>
      <p class="checked">{t("log.signed", { read: entries.length, covered, size })}</p>
      <p>
        {t("log.time", { time: hourOf((reading.time ?? 0) / 3600) })}{" "}
        {padding > 0 && t("log.padding", { padding })}
      </p>
      {Date.now() / 1000 - (reading.time ?? 0) > OLD && <p role="alert">{t("log.old")}</p>}
      <details>
        <summary>{t("log.keys")}</summary>
        <p>{t("log.compare", { origin: reading.origin })}</p>
        <ul class="keys">
          {reading.keys.map((key) => (
            <li key={key}>
              {key.slice(0, key.indexOf("+") + 9)}: <Grouped hex={keyFingerprint(key)} />
            </li>
          ))}
        </ul>
      </details>
      <details>
        <summary>{t("log.keep")}</summary>
        <p>{t("log.keep.about")}</p>
        <Save reading={reading} />
      </details>
    </>
  );
}

/** One line for each kind of what is wrong, with the first place; the rest on request. */
function Wrongs({ reading, problems }: { reading: Proved; problems: readonly Problem[] }) {
  const kinds = [...new Set(problems.map(({ wrong }) => wrong))];
  const places = problems.flatMap(({ first }) => first ?? []);
  return (
    <div role="alert" class="problem">
      <p>
        <strong>{t("log.problem")}</strong>{" "}
        {places.length > 0 && t("log.problem.first", { first: least(places) })}
      </p>
      <ul>
        {kinds.map((wrong) => (
          <li key={wrong}>{summary(problems, wrong)}</li>
        ))}
      </ul>
      <p>{t("log.problem.keep")}</p>
      <p>
        <Save reading={reading} />
      </p>
      <details>
        <summary>{t("log.problem.details")}</summary>
        <ul class="details">
          {problems.slice(0, DETAILS).map(({ first, detail }) => (
            <li>
              {first !== undefined && `#${first}: `}
              {detail}
            </li>
          ))}
          {problems.length > DETAILS && (
            <li>{t("log.problem.more", { count: problems.length - DETAILS })}</li>
          )}
        </ul>
      </details>
    </div>
  );
}

const least = (numbers: readonly number[]): number => numbers.reduce((one, other) => Math.min(one, other));

function summary(problems: readonly Problem[], wrong: Wrong): string {
  const its = problems.filter((each) => each.wrong === wrong);
  const places = its.flatMap(({ first }) => first ?? []);
  const count = its.reduce((sum, each) => sum + each.count, 0);
  return t(`log.wrong.${wrong}`, { count, first: places.length ? least(places) : "?" });
}

/** What the server sent, as it came: others can check it, whoever reads it sees who did what. */
function Save({ reading }: { reading: Proved }) {
  const { kind, answers, proof } = reading;
  const day = new Date().toISOString().slice(0, 10);
  const mechanism = state.oneself?.mechanism ?? "";
  const text = (): string => {
    const head = JSON.stringify({ v: 1, mechanism, log: kind, saved: new Date().toISOString() });
    return `${head.slice(0, -1)},"answers":[\n${[...answers, ...(proof?.answers ?? [])].join(",\n")}\n]}\n`;
  };
  return (
    <button type="button" onClick={() => saveFile(`log-${mechanism}-${kind}-${day}.json`, text())}>
      {t("log.save")}
    </button>
  );
}
