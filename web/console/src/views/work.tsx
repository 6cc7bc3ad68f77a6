/** What is written about a record: notes, legal reading, decisions, derivatives, deadlines. Sealed here. */

import { useEffect, useState } from "preact/hooks";
import { parse as parseStatement } from "../../../src/crypto/statement.ts";
import { Failed, useWork } from "../parts.tsx";
import type { Opened } from "../records/opening.ts";
import { type Refer, refersOf } from "../records/refers.ts";
import { useTerms } from "../records/terms.ts";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { type Card, ownCertificate } from "../work/keys.ts";
import { type Entries, readEntries } from "../work/entries.ts";
import { afterRecord, beginPlace, type Place, placeOf } from "../work/place.ts";
import { DeadlineList } from "./deadlines.tsx";
import { EntryList } from "./entry_list.tsx";
import { EntryForm } from "./entry_form.tsx";
import { Begun, ChooseReaders, Readers } from "./work_readers.tsx";

/** The panel below an opened record. */
export function OpenedWork({ opened }: { opened: Opened }) {
  const created = opened.revisions[0] && parseStatement(opened.revisions[0][0]).createdDay;
  const given = new Set(opened.answer.parts.map((part) => part.id));
  return (
    <RecordWork
      record={opened.answer.record}
      refers={refersOf(opened.record, given, useTerms())}
      {...(created ? { created } : {})}
    />
  );
}

/**
 * What is written about one record. `refers` is what an entry can be about, where the record is open; `created` is the
 * day of its first revision.
 */
export function RecordWork(props: { record: string; refers?: readonly Refer[]; created?: string }) {
  const [found, setFound] = useState<{ place: Place | undefined; cards: Map<string, Card> }>();
  const { failed, run } = useWork();
  const load = async () => {
    const [place, cards] = await placeOf(props.record);
    if (place && props.created) afterRecord(place, props.created);
    setFound({ place, cards });
  };
  useEffect(() => run(load), [props.record]);
  return (
    <section class="work" aria-label={t("work.title")}>
      <h3>{t("work.title")}</h3>
      {failed && <Failed text={failed} />}
      {!found && !failed && <p role="status">{t("shell.working")}</p>}
      {found && (
        <WorkPanel
          draft={props.record}
          place={found.place}
          cards={found.cards}
          refers={props.refers ?? []}
          onBegin={(readers) => beginPlace(props.record, found.cards, readers)}
          onChange={load}
        />
      )}
    </section>
  );
}

/** A workspace, or the place for one: it is begun with the first entry. */
export function WorkPanel(props: {
  /** As `EntryForm` has it. */
  draft: string;
  place: Place | undefined;
  cards: ReadonlyMap<string, Card>;
  refers: readonly Refer[];
  onBegin: (readers: readonly string[]) => Promise<Place>;
  onChange: () => Promise<void>;
}) {
  const { place, cards } = props;
  const [read, setRead] = useState<Entries>();
  const { failed, run } = useWork();
  const load = async () => setRead(place?.identity ? await readEntries(place) : undefined);
  useEffect(() => run(load), [place]);
  const others = [...cards.keys()].filter((id) => id !== state.oneself?.member);
  const [readers, choose] = useState<readonly string[]>(others);
  const able = place?.readers ?? readers;
  const entries = read?.entries ?? [];
  if (place && !place.identity) return <p class="note">{t("work.closed")}</p>;
  const refers = [
    ...props.refers,
    ...entries.map(({ number, entry }) => ({ id: entry.part.id, label: t("work.about.entry", { number }) })),
  ];
  return (
    <>
      {failed && <Failed text={failed} />}
      {read && read.hidden > 0 && (
        <p class="note" role="alert">
          {t("work.hidden", { count: read.hidden })}
        </p>
      )}
      {place && read && entries.length === 0 && <p>{t("work.none")}</p>}
      {!place && <p>{t("work.none")}</p>}
      {place && <Begun place={place} cards={cards} />}
      {!place && (
        <>
          <p class="hint">{t("work.holders")}</p>
          {others.length > 0 && (
            <ChooseReaders
              legend={t("work.first")}
              name="reader"
              members={others}
              cards={cards}
              chosen={readers}
              onChoose={choose}
            />
          )}
        </>
      )}
      {place && <EntryList place={place} entries={entries} refers={refers} />}
      <EntryForm
        draft={props.draft}
        refers={refers}
        place={async () => place ?? (await props.onBegin(readers))}
        certificate={() => ownCertificate(cards)}
        onWritten={async () => (place ? await load() : await props.onChange())}
      />
      {place && <Readers place={place} cards={cards} onChange={props.onChange} />}
      <DeadlineList
        workspace={place?.workspace.id}
        cards={new Map([...cards].filter(([id]) => id === state.oneself?.member || able.includes(id)))}
        begin={async () => (await props.onBegin(readers)).workspace.id}
        onBegun={props.onChange}
      />
    </>
  );
}
