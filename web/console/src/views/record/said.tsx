/** What was written: texts and answers that hold now, and on request what they replaced. */

import type { Opened } from "../../records/opening.ts";
import { difference } from "../../records/difference.ts";
import type { Named } from "../../records/terms.ts";
import { type Said, valuesOf } from "../../../../src/opened.ts";
import { t } from "../../texts.ts";

export function Narratives({ opened, named }: { opened: Opened; named: Named | undefined }) {
  const { record } = opened;
  return (
    <section aria-labelledby="narrative">
      <h3 id="narrative">{t("record.narrative")}</h3>
      {record.current("narrative").map((said) => {
        const values = valuesOf(said);
        const capacity = String(values["capacity"] ?? "");
        const spoken = String(values["language"] ?? "");
        return (
          <article key={said.entry.id}>
            <p class="hint">
              {named?.term("capacities", capacity) ?? capacity} · {named?.spoken(spoken) ?? spoken}
            </p>
            <p class="text" lang={spoken}>
              {textOf(said)}
            </p>
            {record.earlier(said).map((before) => (
              <details key={before.entry.id}>
                <summary>{t("record.before")}</summary>
                <p class="text">
                  {difference(textOf(before), textOf(said)).map((piece) =>
                    piece.kind === "same" ? (
                      piece.text
                    ) : piece.kind === "gone" ? (
                      <del>{piece.text}</del>
                    ) : (
                      <ins>{piece.text}</ins>
                    ),
                  )}
                </p>
              </details>
            ))}
          </article>
        );
      })}
    </section>
  );
}

export function Sections({ opened, named }: { opened: Opened; named: Named }) {
  const { record } = opened;
  return (
    <>
      {record.current("section").map((said) => (
        <section key={said.entry.id} aria-label={named.section(valuesOf(said)).title}>
          <h3>{named.section(valuesOf(said)).title}</h3>
          <Answers said={said} named={named} />
          {record.earlier(said).map((before) => (
            <details key={before.entry.id}>
              <summary>{t("record.before")}</summary>
              <Answers said={before} named={named} />
            </details>
          ))}
        </section>
      ))}
    </>
  );
}

function Answers({ said, named }: { said: Said; named: Named }) {
  const values = valuesOf(said);
  return (
    <div class="cards">
      {named.section(values).items.map((rows, i) => (
        <dl key={i} class={values["section"] === "perpetrators" ? "panel perpetrators" : "panel"}>
          {rows.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      ))}
    </div>
  );
}

function textOf(said: Said): string {
  const text = said.fields.value("text");
  return typeof text === "string" ? text : "";
}
