/** One record: opened and verified in this browser, shown, and gone when it is left. */

import { useEffect, useState } from "preact/hooks";
import { parse } from "../../../src/crypto/statement.ts";
import { Failed, Heading, hourOf, may, useWork } from "../parts.tsx";
import { cardOf } from "../records/cards.ts";
import { differences } from "../records/given.ts";
import { limitsOf } from "../records/limits.ts";
import type { Item } from "../records/listed.ts";
import { recordName } from "../records/names.ts";
import { type Opened, openRecord, staysClosed, worksOn } from "../records/opening.ts";
import { type Named, useTerms } from "../records/terms.ts";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { Acting } from "./record/acting.tsx";
import { BodyMap } from "./record/body.tsx";
import { Contents } from "./record/contents.tsx";
import { LimitFacts } from "./record/limits.tsx";
import { Media } from "./record/media.tsx";
import { Narratives, Sections } from "./record/said.tsx";
import { Timeline } from "./record/timeline.tsx";
import { PANELS } from "../panels.tsx";

const SHORT = 16; // digits of an id, as many as `intake open` says: enough to find a folder by

export function RecordView(props: { record: string; listed: Item | undefined; onBack: () => void }) {
  const { record, listed, onBack } = props;
  const [opened, set] = useState<Opened>();
  const { busy, failed, run } = useWork();
  const named = useTerms();
  const [closed, say] = useState(false);
  const open = async (): Promise<void> => set(await openRecord(record, listed));
  const load = (): void => run(open);
  const look = (): void =>
    run(async () => {
      if (await staysClosed(listed)) say(true);
      else await open();
    });
  useEffect(look, [record]);
  return (
    <section aria-labelledby="record">
      <p>
        <button type="button" onClick={onBack}>
          {t("record.back")}
        </button>
      </p>
      <Heading id="record">{recordName(record)}</Heading>
      {failed && <Failed text={failed} />}
      {closed && !opened && (
        <>
          <p class="note">{t("record.staysclosed")}</p>
          <p>
            <button type="button" disabled={busy} onClick={load}>
              {t("record.openanyway")}
            </button>
          </p>
        </>
      )}
      {!opened && !failed && !closed && <p role="status">{t("record.opening")}</p>}
      {opened && <Contents />}
      {opened && (
        <div class="record">
          <div>
            <About opened={opened} named={named} />
            {!opened.shut.all && <Narratives opened={opened} named={named} />}
            {named && <Timeline opened={opened} named={named} />}
            {named && <BodyMap opened={opened} named={named} />}
            {named && <Sections opened={opened} named={named} />}
            <Media opened={opened} named={named} />
            <Revisions opened={opened} />
          </div>
          <div>
            <Acting opened={opened} onChanged={load} />
            {worksOn(opened.answer) &&
              PANELS.map((panel) => <panel.component key={panel.name} opened={opened} />)}
          </div>
        </div>
      )}
    </section>
  );
}

/** What was checked, and what holds of the person's consent. */
function About({ opened, named }: { opened: Opened; named: Named | undefined }) {
  const { answer, record } = opened;
  const { statement } = record.reader;
  const given = new Set(answer.parts.map((part) => part.id));
  const card = record.current("triage")[0];
  const holds = may("key-holder") ? "keys" : "assigned";
  const kindOf = new Map(statement.compartments.map((one) => [one.id, one.kind]));
  const forTime = answer.own.filter((one) => one.expires !== null);
  const works = worksOn(answer);
  const sealed = statement.parts.filter((part) => !given.has(part.id));
  const within = new Set(sealed.map((part) => part.compartment));
  const kinds = new Set(statement.compartments.filter((one) => within.has(one.id)).map((one) => one.kind));
  return (
    <>
      {opened.missing.length > 0 && <Failed text={t("record.missing", { count: opened.missing.length })} />}
      {differences(opened).map((each) => (
        <Failed key={each} text={t(`record.differs.${each}`, { name: recordName(answer.record) })} />
      ))}
      {!works && <p class="note">{t("record.todecide")}</p>}
      {works && (opened.shut.all || opened.shut.epochs.length > 0) && (
        <Failed text={t(`record.shut.${holds}`, { epochs: opened.shut.epochs.join(", ") || "?" })} />
      )}
      {!opened.shut.all && (
        <p class="note">
          {t("record.verified", { revisions: opened.revisions.length })} {t("record.newest")}
        </p>
      )}
      {record.problems.size > 0 && <Failed text={t("record.problems", { count: record.problems.size })} />}
      <h3>{t("record.facts")}</h3>
      <dl class="facts">
        <dt>{t("inbox.column.number")}</dt>
        <dd>{answer.number}</dd>
        <dt>{t("record.id")}</dt>
        <dd>
          <code title={answer.record}>{answer.record.slice(0, SHORT)}</code>…
        </dd>
        <dt>{t("inbox.column.received")}</dt>
        <dd>{answer.received_day}</dd>
        {card && named && (
          <>
            <dt>{t("inbox.column.card")}</dt>
            <dd>{named.card(cardOf(card.fields))}</dd>
          </>
        )}
        <dt>{t("record.budget")}</dt>
        <dd>{t("record.opened", answer.budget)}</dd>
        <LimitFacts limits={limitsOf(record, state.oneself!.mechanism)} named={named} />
        {forTime.length > 0 && (
          <>
            <dt>{t("record.fortime")}</dt>
            {forTime.map((one) => (
              <dd key={one.compartment}>
                {t(`record.class.${kindOf.get(one.compartment)}`)}:{" "}
                {t("approvals.until", { hour: hourOf(one.expires!) })}
              </dd>
            ))}
          </>
        )}
        {sealed.length > 0 && (
          <>
            <dt>{t("record.sealed")}</dt>
            <dd>
              {t("record.sealedparts", {
                count: sealed.length,
                all: statement.parts.length,
                what: [...kinds].map((each) => t(`record.class.${each}`)).join(", "),
              })}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

function Revisions({ opened }: { opened: Opened }) {
  const all = opened.revisions.map(([data]) => parse(data));
  if (all.length < 2) return null;
  return (
    <section aria-labelledby="revisions">
      <h3 id="revisions">{t("record.revisions")}</h3>
      <ol>
        {all.map((one, i) => (
          <li key={one.revision}>
            {one.createdDay}:{" "}
            {t("record.added", { count: one.parts.length - (all[i - 1]?.parts.length ?? 0) })}
          </li>
        ))}
      </ol>
    </section>
  );
}
