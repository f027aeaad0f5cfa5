/** A difference in words: which steps were added, removed or changed, field by field. */

import { ArrowLeft, ArrowRight } from "lucide-react";
import { useDescribed } from "@/document/described";
import { own } from "@/document/table";
import { ENTRY } from "@/document/types";
import { stepTitle } from "@/document/titles";
import { useUi } from "@/ui/state";
import { number, say, useWords } from "@/words";
import type { Change, Difference, FieldChange } from "./compare";
import { backToDraft, compare, type Shown, type Version, type Which } from "./store";

const SIGNS: Record<Change, string> = { added: "+", removed: "−", changed: "~" };

export function DifferenceView({ shown, versions }: { shown: Extract<Shown, { kind: "difference" }>; versions: Version[] }) {
  const words = useWords();
  const { from, to, difference } = shown;
  return (
    <>
      <div className="p-section">
        <div className="p-row tight">
          <button type="button" className="p-button" onClick={backToDraft} aria-label={words("versions.back")} title={words("versions.back")}>
            <ArrowLeft aria-hidden size={16} />
          </button>
          <Choice label={words("versions.from")} value={from} versions={versions} choose={(one) => void compare(one, to)} />
          <ArrowRight aria-hidden size={14} />
          <Choice label={words("versions.to")} value={to} versions={versions} choose={(one) => void compare(from, one)} />
        </div>
        <Summary difference={difference} />
      </div>
      <div className="p-scroll">
        <Changes difference={difference} />
      </div>
    </>
  );
}

function Choice({ label, value, versions, choose }: { label: string; value: Which; versions: Version[]; choose: (which: Which) => void }) {
  const words = useWords();
  return (
    <select
      className="v-choice"
      aria-label={label}
      value={String(value)}
      onChange={(event) => choose(event.target.value === "draft" ? "draft" : Number(event.target.value))}
    >
      <option value="draft">{words("versions.draft")}</option>
      {versions.map((version) => (
        <option key={version.version} value={version.version}>
          {words("versions.version", { version: version.version })}
          {version.live ? ` · ${words("versions.live")}` : ""}
        </option>
      ))}
    </select>
  );
}

export function Summary({ difference }: { difference: Difference }) {
  const words = useWords();
  const { added, removed, changed } = difference.summary;
  const nothing = added + removed + changed + difference.edges.length + difference.journey.length === 0;
  if (nothing) return <p className="p-note">{words("versions.same")}</p>;
  return (
    <p className="p-row v-summary">
      <Sign change="added" /> {words("versions.added", { count: number(added) })}
      <Sign change="removed" /> {words("versions.removed", { count: number(removed) })}
      <Sign change="changed" /> {words("versions.changed", { count: number(changed) })}
    </p>
  );
}

export const Sign = ({ change }: { change: Change }) => (
  <span className={`p-change ${change}`} aria-hidden>
    {SIGNS[change]}
  </span>
);

export function Changes({ difference }: { difference: Difference }) {
  const words = useWords();
  const steps = Object.entries(difference.steps);
  const document = useUi((state) => state.shown);
  const described = useDescribed((state) => state.described.steps);
  const titles = (id: string): string => {
    if (id === ENTRY) return words("entry.title");
    const step = own(difference.steps, id);
    return step ? say(step.title) : document ? stepTitle(document, id) : id;
  };
  const portTitle = (from: string, name: string): string => {
    const port = described[from]?.ports.find((one) => one.name === name);
    return name === "next" ? "" : `(${port ? say(port.label) : name}) `;
  };
  return (
    <>
      {difference.journey.length > 0 && (
        <section className="p-section">
          <h3>{words("versions.journey")}</h3>
          <Fields fields={difference.journey} />
        </section>
      )}
      {steps.length > 0 && (
        <section className="p-section">
          <h3>{words("versions.steps")}</h3>
          <ul className="v-changes">
            {steps.map(([id, step]) => (
              <li key={id}>
                <button type="button" className="v-step" onClick={() => useUi.getState().set({ focus: id })}>
                  <Sign change={step.change} />
                  <strong>{say(step.title) || id}</strong>
                  <span className="faint">{words(`versions.is.${step.change}`)}</span>
                </button>
                {step.change === "changed" && <Fields fields={step.fields} />}
              </li>
            ))}
          </ul>
        </section>
      )}
      {difference.edges.length > 0 && (
        <section className="p-section">
          <h3>{words("versions.ways")}</h3>
          <ul className="v-changes">
            {difference.edges.map((edge, index) => (
              <li key={index} className="p-row">
                <Sign change={edge.change} />
                <span>
                  {titles(edge.from)} {portTitle(edge.from, edge.port)}→ {titles(edge.to)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Fields({ fields }: { fields: FieldChange[] }) {
  return (
    <dl className="v-fields">
      {fields.map((one) => (
        <div key={one.field}>
          <dt>{say(one.label) || one.field}</dt>
          {say(one.before) !== "" && <dd className="p-before">{say(one.before)}</dd>}
          {say(one.after) !== "" && <dd className="p-after">{say(one.after)}</dd>}
        </div>
      ))}
    </dl>
  );
}
