/** What is written about a record: notes, legal reading, decisions, derivatives, deadlines. Sealed here. */

import { useEffect, useState } from "preact/hooks";
import type { Statement } from "../../../src/crypto/statement.ts";
import { Failed, useWork } from "../parts.tsx";
import type { Opened } from "../records/opening.ts";
import { t } from "../texts.ts";
import { type Card, ownCertificate } from "../work/keys.ts";
import { type Entries, readEntries } from "../work/entries.ts";
import { beginPlace, lacking, type Place, placeOf, share } from "../work/place.ts";
import { DeadlineList } from "./deadlines.tsx";
import { EntryList } from "./entry_list.tsx";
import { EntryForm, type Refer } from "./entry_form.tsx";

/** The panel below an opened record. */
export function OpenedWork({ opened }: { opened: Opened }) {
  return <RecordWork record={opened.answer.record} statement={opened.record.reader.statement} />;
}

/** What is written about one record. `statement`, where there is one, names what an entry can be about. */
export function RecordWork(props: { record: string; statement?: Statement }) {
  const [found, setFound] = useState<{ place: Place | undefined; cards: Map<string, Card> }>();
  const { failed, run } = useWork();
  const load = async () => {
    const [place, cards] = await placeOf(props.record);
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
          place={found.place}
          cards={found.cards}
          refers={referable(props.statement)}
          onBegin={() => beginPlace(props.record, found.cards)}
          onChange={load}
        />
      )}
    </section>
  );
}

/** A workspace, or the place for one: it is begun with the first entry. */
export function WorkPanel(props: {
  place: Place | undefined;
  cards: ReadonlyMap<string, Card>;
  refers: readonly Refer[];
  onBegin: () => Promise<Place>;
  onChange: () => Promise<void>;
}) {
  const { place, cards } = props;
  const [read, setRead] = useState<Entries>();
  const { busy, failed, run } = useWork();
  const load = async () => setRead(place?.identity ? await readEntries(place) : undefined);
  useEffect(() => run(load), [place]);
  const without = place?.identity ? lacking(place, cards) : [];
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
      {place && <EntryList place={place} entries={entries} refers={refers} />}
      <EntryForm
        refers={refers}
        place={async () => place ?? (await props.onBegin())}
        certificate={() => ownCertificate(cards)}
        onWritten={async () => (place ? await load() : await props.onChange())}
      />
      {place && without.length > 0 && (
        <p class="note">
          {t("work.lacking")} {without.map((id) => cards.get(id)?.[0].name ?? id).join(", ")}{" "}
          <button
            type="button"
            disabled={busy}
            onClick={() =>
              run(async () => {
                await share(place, without, cards);
                await props.onChange();
              })
            }
          >
            {t("work.share")}
          </button>
        </p>
      )}
      {place && <DeadlineList workspace={place.workspace.id} cards={cards} />}
    </>
  );
}

/** The parts of a record that an entry can be about, named by kind and number. */
function referable(statement: Statement | undefined): Refer[] {
  const counts = new Map<string, number>();
  return (statement?.parts ?? [])
    .filter((part) => ["medium", "narrative", "section"].includes(part.kind))
    .map((part) => {
      const kind = part.kind === "medium" ? "medium" : "part";
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      return { id: part.id, label: t(`work.about.${kind}`, { number }) };
    });
}
