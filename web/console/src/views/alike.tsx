/** What this record has in common with others: the same media, and what testimonies agree on. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { get } from "../api.ts";
import { agreementsOf, corroborate } from "../corroboration.ts";
import { Failed, useWork } from "../parts.tsx";
import { RecordLink } from "../records/link.tsx";
import { recordName } from "../records/names.ts";
import type { Opened } from "../records/opening.ts";
import { useTerms } from "../records/terms.ts";
import { t } from "../texts.ts";
import { remember } from "../work/opened_here.ts";

/** `GET …/same-media`: a part of this record, and where else its bytes came. */
interface Same {
  readonly part: string;
  readonly record: string;
  readonly other: string;
  readonly week: string;
}

/** `waiting`: how many of the record's media were not compared with others yet. */
interface Compared {
  readonly media: readonly Same[];
  readonly waiting: number;
}

export function SameMedia({ opened }: { opened: Opened }) {
  const { record } = opened.answer;
  const [found, setFound] = useState<Compared>();
  const { failed, run } = useWork();
  const load = async () => setFound(await get<Compared>(`/review/v1/records/${record}/same-media`));
  useEffect(() => run(load), [record]);
  const named = useTerms();
  const labels = opened.record.of("label");
  const about = (part: string) => {
    const label = labels.find((said) => said.fields.value("part") === part);
    const origin = label?.fields.value("origin");
    return typeof origin === "string" && origin ? (named?.term("media_origins", origin) ?? origin) : "";
  };
  const name = (part: string) => {
    const label = labels.find((said) => said.fields.value("part") === part);
    return String(label?.fields.value("name") ?? part.slice(0, 8));
  };
  return (
    <section class="same-media" aria-labelledby="same-media">
      <h3 id="same-media">{t("same.title")}</h3>
      {failed && <Failed text={failed} />}
      {found?.media.length === 0 && !found.waiting && (
        <p>{t(labels.length ? "same.none" : "same.nomedia")}</p>
      )}
      {found && found.waiting > 0 && <p class="note">{t("same.waiting", { count: found.waiting })}</p>}
      <ul>
        {found?.media.map((one) => (
          <li key={`${one.part}${one.other}`}>
            {t("same.line", { name: name(one.part), week: one.week })} <RecordLink record={one.record} />{" "}
            {about(one.part) && <span class="details">{t("same.came", { how: about(one.part) })}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Corroboration({ opened }: { opened: Opened }) {
  const { record } = opened.answer;
  const named = useTerms();
  const accounts = useMemo(() => remember(record, opened.record), [opened]);
  const found = useMemo(() => agreementsOf(record, corroborate(accounts)), [record, accounts]);
  const term = (code: string) => {
    const agency = named?.term("agencies", code);
    return agency && agency !== code ? agency : code;
  };
  return (
    <section class="agree" aria-labelledby="agree">
      <h3 id="agree">{t("agree.title")}</h3>
      <p class="hint">{t("agree.scope", { count: accounts.length })}</p>
      {found.length === 0 && <p>{t("agree.none")}</p>}
      <ul>
        {found.map((one) => (
          <li key={JSON.stringify(one)}>
            {t("agree.line", {
              place: named?.term("facilities", one.facility) ?? one.facility,
              from: one.from,
              to: one.to,
              count: one.records.length,
            })}{" "}
            <span class="details">
              {one.records.map((each, i) => (
                <span key={each}>
                  {i > 0 && ", "}
                  {each === record ? recordName(each) : <RecordLink record={each} />}
                </span>
              ))}
              {one.units.length > 0 && ` — ${t("agree.units", { units: one.units.map(term).join(", ") })}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
