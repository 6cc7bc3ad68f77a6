/** What happened when, as far as it was said. */

import type { Opened } from "../../records/opening.ts";
import { dated } from "../../records/dated.ts";
import type { Named } from "../../records/terms.ts";
import { t } from "../../texts.ts";

export function Timeline({ opened, named }: { opened: Opened; named: Named }) {
  const entries = dated(opened.record, named);
  if (!entries.length) return null;
  return (
    <section aria-labelledby="timeline">
      <h3 id="timeline">{t("record.timeline")}</h3>
      <ol class="timeline">
        {entries.map((entry, i) => (
          <li key={i}>
            <strong>{named.date(entry.date)}</strong> {entry.title}
            {entry.what && `: ${entry.what}`}
            {entry.text && <span class="hint">{entry.text}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
