/** How things stood at one instant of a run: where it waits, its variables, its customer, and the decision taken there. */

import type { Answer } from "@/api/types";
import type { Json } from "@/document/types";
import { useChannelTitle } from "@/messages/channels";
import { Emphasised } from "@/ui/emphasised";
import { Moment } from "@/ui/moment";
import { say, useWords } from "@/words";
import type { TimelineEntry } from "./entries";

type TestAnswer = Answer<"/api/journeys/test-run", "post">;
export type Snapshot = TestAnswer["runs"][number]["transitions"][number]["snapshot"];
export type CustomerState = TestAnswer["customers"][number];

type Props = {
  entry: TimelineEntry;
  snapshot: Snapshot | null;
  customers: readonly CustomerState[];
  titleOf: (step: string) => string;
  zone?: string | undefined;
};

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value as Json));

export function StateAt({ entry, snapshot, customers, titleOf, zone }: Props) {
  const words = useWords();
  const customer = snapshot ? customers[snapshot.customer] : undefined;
  const channelTitle = useChannelTitle();
  const consent = (name: string): string => {
    const [channel = "", purpose] = name.split(":");
    const called = channelTitle(channel);
    return purpose === "night" ? words("test.at_night", { channel: called }) : called;
  };
  const yes = (said: boolean): string => words(said ? "time.yes" : "time.no");
  const about: [string, string][] = customer
    ? [
        ...(customer.stage ? [[words("test.stage"), words(`stage.${customer.stage}` as "stage.intake")] as [string, string]] : []),
        ...Object.entries(customer.attributes).map(([name, value]): [string, string] => [name, shown(value)]),
        ...Object.entries(customer.consents).map(([name, said]): [string, string] => [words("time.consent", { name: consent(name) }), yes(said)]),
        ...(customer.tags.length > 0 ? [[words("test.tags"), customer.tags.join(", ")] as [string, string]] : []),
      ]
    : [];
  return (
    <section className="state-at" aria-label={words("time.state")}>
      <h3>{entry.step ? titleOf(entry.step) : entry.name}</h3>
      <p>
        <Emphasised text={say(entry.text)} />
      </p>
      {snapshot?.waits_for && (
        <p>
          {words("live.path.waits")}: <Emphasised text={say(snapshot.waits_for)} />
          {snapshot.waiting_until && (
            <span className="faint">
              {" "}
              {words("test.until")} <Moment at={snapshot.waiting_until} zone={zone} />
            </span>
          )}
        </p>
      )}
      <Listed title={words("time.decision")} rows={(entry.send?.inputs ?? []).map((one): [string, string] => [say(one.label), say(one.value)])} />
      <Listed title={words("time.variables")} rows={Object.entries(snapshot?.variables ?? {}).map(([name, value]): [string, string] => [name, shown(value)])} />
      <Listed title={words("test.customer")} rows={about} />
    </section>
  );
}

function Listed({ title, rows }: { title: string; rows: readonly [string, string][] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <dl>
        {rows.map(([name, value], index) => (
          <div key={index} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
