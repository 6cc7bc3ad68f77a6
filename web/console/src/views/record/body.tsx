/** Where the person was hurt, on an outline of a body: front and back. The same in words for everybody. */

import { isList } from "../../../../src/crypto/encoding.ts";
import { valuesOf } from "../../../../src/opened.ts";
import { itemsOf } from "../../../../src/record/answers.ts";
import type { Opened } from "../../records/opening.ts";
import type { Named } from "../../records/terms.ts";
import { t } from "../../texts.ts";

// Region → x, y, width, height. The person looks at the viewer in front: their left is on the right.
const FRONT: Readonly<Record<string, readonly [number, number, number, number]>> = {
  head: [42, 4, 16, 8],
  face: [42, 12, 16, 9],
  eyes: [44, 13, 12, 3],
  ears: [38, 12, 3, 6],
  mouth_teeth: [46, 18, 8, 3],
  neck: [46, 21, 8, 5],
  right_shoulder: [28, 26, 12, 8],
  left_shoulder: [60, 26, 12, 8],
  chest: [40, 26, 20, 20],
  right_arm: [24, 34, 10, 30],
  left_arm: [66, 34, 10, 30],
  right_wrist_hand: [22, 64, 10, 12],
  left_wrist_hand: [68, 64, 10, 12],
  abdomen: [40, 46, 20, 18],
  genitals: [46, 64, 8, 7],
  right_thigh: [38, 71, 10, 26],
  left_thigh: [52, 71, 10, 26],
  right_knee_shin: [39, 97, 9, 30],
  left_knee_shin: [52, 97, 9, 30],
  right_foot: [36, 127, 12, 6],
  left_foot: [52, 127, 12, 6],
};
const BACK: typeof FRONT = {
  upper_back: [40, 26, 20, 20],
  lower_back: [40, 46, 20, 18],
  buttocks: [39, 64, 22, 10],
};
// The outline of the back, where a region is only on the front.
const ONE = ["shoulder", "arm", "wrist_hand", "thigh", "knee_shin", "foot"];
const BEHIND = ["head", "neck", ...ONE.flatMap((part) => [`left_${part}`, `right_${part}`])];

export function BodyMap({ opened, named }: { opened: Opened; named: Named }) {
  const hurt = new Map<string, number>();
  for (const said of opened.record.current("section")) {
    const values = valuesOf(said);
    if (values["section"] !== "injuries") continue;
    for (const item of itemsOf(values) ?? []) {
      const regions = item["regions"];
      if (isList(regions)) for (const one of regions) hurt.set(String(one), (hurt.get(String(one)) ?? 0) + 1);
    }
  }
  if (!hurt.size) return null;
  return (
    <section aria-labelledby="body">
      <h3 id="body">{t("record.body")}</h3>
      <div class="body">
        <Side title={t("record.front")} shapes={FRONT} hurt={hurt} />
        <Side title={t("record.behind")} shapes={BACK} hurt={hurt} outline={BEHIND} />
        <ul>
          {[...hurt].map(([region, count]) => (
            <li key={region}>
              {named.term("body_regions", region)}
              {count > 1 && ` (${count})`}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Side(props: {
  title: string;
  shapes: typeof FRONT;
  hurt: ReadonlyMap<string, number>;
  outline?: readonly string[];
}) {
  const whole = props.hurt.has("whole_body");
  return (
    <figure>
      <svg viewBox="15 0 70 136" aria-hidden="true" focusable="false">
        {(props.outline ?? []).map((name) => (
          <Shape key={name} at={FRONT[name]!} hurt={whole} />
        ))}
        {Object.entries(props.shapes).map(([name, at]) => (
          <Shape key={name} at={at} hurt={whole || props.hurt.has(name)} />
        ))}
      </svg>
      <figcaption>{props.title}</figcaption>
    </figure>
  );
}

function Shape({
  at: [x, y, width, height],
  hurt,
}: {
  at: readonly [number, number, number, number];
  hurt: boolean;
}) {
  return <rect x={x} y={y} width={width} height={height} rx="2" class={hurt ? "hurt" : "whole"} />;
}
