/** Entries of a workspace as they were written: who, when, about what. */

import { useEffect, useState } from "preact/hooks";
import type { Json } from "../../../src/crypto/encoding.ts";
import { Failed, useWork } from "../parts.tsx";
import type { Refer } from "../records/refers.ts";
import { t } from "../texts.ts";
import { type Opened, readFile } from "../work/entries.ts";
import type { Place } from "../work/place.ts";
import { CREDIBILITY, DECISIONS, DERIVATIVES, ELEMENTS, RELIABILITY } from "../work/words.ts";

export function EntryList(props: { place: Place; entries: readonly Opened[]; refers: readonly Refer[] }) {
  return (
    <ol class="entries">
      {props.entries.map((opened) => (
        <li key={opened.entry.part.id}>
          <p>
            <strong>{t(`work.kind.${opened.entry.kind}`)}</strong>{" "}
            <span class="details">
              {t("work.by", { number: opened.number, day: opened.entry.day, who: opened.author })}
            </span>
          </p>
          {opened.entry.refers && <p class="details">{about(opened.entry.refers, props.refers)}</p>}
          <Said values={opened.values} />
          {opened.files.map((file, number) => (
            <SavedFile key={file.part} place={props.place} opened={opened} number={number} name={file.name} />
          ))}
        </li>
      ))}
    </ol>
  );
}

/** What an entry says. Words outside the closed lists are not shown as if they were of them. */
function Said({ values }: { values: Readonly<Record<string, Json>> }) {
  const word = (list: readonly string[], name: string, prefix: string) =>
    typeof values[name] === "string" && list.includes(values[name]) ? t(`${prefix}.${values[name]}`) : null;
  const elements = Array.isArray(values["elements"]) ? (values["elements"] as readonly Json[]) : [];
  const known = ELEMENTS.filter((code) => elements.includes(code));
  const source = word(RELIABILITY, "reliability", "work.reliability");
  const content = word(CREDIBILITY, "credibility", "work.credibility");
  const lines = [
    word(DECISIONS, "decision", "work.decision"),
    word(DERIVATIVES, "derivative", "work.derivative"),
    typeof values["tool"] === "string" && values["tool"] ? `${t("work.tool")}: ${values["tool"]}` : null,
    known.length ? known.map((code) => t(`work.element.${code}`)).join("; ") : null,
    source && `${t("work.reliability")} ${source}`,
    content && `${t("work.credibility")} ${content}`,
    values["exculpatory"] === true ? t("work.exculpatory") : null,
  ].filter((line) => line !== null);
  return (
    <>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {typeof values["text"] === "string" && <p class="said">{values["text"]}</p>}
    </>
  );
}

function SavedFile(props: { place: Place; opened: Opened; number: number; name: string }) {
  const { busy, failed, run } = useWork();
  const [address, setAddress] = useState("");
  useEffect(() => () => URL.revokeObjectURL(address), [address]); // of "", nothing
  return (
    <p>
      {address ? (
        <a href={address} download={props.name}>
          {t("work.download", { name: props.name })}
        </a>
      ) : (
        <button
          type="button"
          disabled={busy}
          onClick={() =>
            run(async () => {
              const blob = await readFile(props.place, props.opened, props.number);
              setAddress(URL.createObjectURL(blob));
            })
          }
        >
          {busy ? t("shell.working") : props.name}
        </button>
      )}
      {failed && <Failed text={failed} />}
    </p>
  );
}

function about(id: string, refers: readonly Refer[]): string {
  return refers.find((each) => each.id === id)?.label ?? t("work.about.gone");
}
