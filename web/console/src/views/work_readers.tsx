/** Who can read what is written in a workspace: seen before anything is sealed, given by choice, taken back. */

import { useState } from "preact/hooks";
import { Failed, may, Sure, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { calledOf, type Card } from "../work/keys.ts";
import { begunByOne, lacking, type Place, share, takeBack } from "../work/place.ts";

type Cards = ReadonlyMap<string, Card>;

const nameOf = (id: string, cards: Cards): string => calledOf(id, cards.get(id)?.[0].name);

/** Members to choose from; `chosen` are those who get the key. */
export function ChooseReaders(props: {
  legend: string;
  name: string;
  members: readonly string[];
  cards: Cards;
  chosen: readonly string[];
  onChoose: (chosen: readonly string[]) => void;
}) {
  const { chosen, onChoose } = props;
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      {props.members.map((id) => (
        <label key={id} class="tick">
          <input
            type="checkbox"
            name={`${props.name}-${id}`}
            checked={chosen.includes(id)}
            onChange={(event) =>
              onChoose(event.currentTarget.checked ? [...chosen, id] : chosen.filter((each) => each !== id))
            }
          />{" "}
          {nameOf(id, props.cards)}
        </label>
      ))}
    </fieldset>
  );
}

/** The readers of a workspace that is open to this member. */
export function Readers(props: { place: Place; cards: Cards; onChange: () => Promise<void> }) {
  const { place, cards, onChange } = props;
  const [chosen, choose] = useState<readonly string[]>([]);
  const { busy, failed, run } = useWork();
  const own = state.oneself?.member ?? "";
  const members = place.readers.filter((id) => !id.startsWith("epoch:"));
  const without = lacking(place, cards);
  const given = chosen.filter((id) => without.includes(id));
  const { member, day } = place.workspace;
  const change = (work: () => Promise<void>) =>
    run(async () => {
      await work();
      choose([]);
      await onChange();
    });
  return (
    <details class="readers">
      <summary>{t("work.readers", { count: members.length })}</summary>
      <p>{t("work.begun", { who: calledOf(member.id, member.name), day })}</p>
      <p class="hint">{t("work.holders")}</p>
      <ul class="rows">
        {members.map((id) => (
          <li key={id}>
            {nameOf(id, cards)}
            {id !== own && may("key-holder") && (
              <>
                {" "}
                <Sure
                  label={t("work.take")}
                  question={t("work.takesure", { who: nameOf(id, cards) })}
                  busy={busy}
                  onYes={() => change(() => takeBack(place, id))}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      {without.length > 0 && (
        <>
          <ChooseReaders
            legend={t(place.workspace.record ? "work.lacking" : "work.outside")}
            name="reader"
            members={without}
            cards={cards}
            chosen={given}
            onChoose={choose}
          />
          {given.length > 0 && (
            <p>
              <Sure
                label={t("work.share")}
                question={t("work.sharesure", { who: given.map((id) => nameOf(id, cards)).join(", ") })}
                busy={busy}
                onYes={() => change(() => share(place, given, cards))}
              />
            </p>
          )}
        </>
      )}
      {failed && <Failed text={failed} />}
    </details>
  );
}

/** A warning, where whoever began the workspace does not read it today. */
export function Begun({ place, cards }: { place: Place; cards: Cards }) {
  if (begunByOne(place, cards)) return null;
  const { member, day } = place.workspace;
  return (
    <p class="note" role="alert">
      {t("work.stranger", { who: calledOf(member.id, member.name), day })}
    </p>
  );
}
