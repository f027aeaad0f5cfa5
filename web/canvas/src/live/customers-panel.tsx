/** The customers behind a count, and one customer's path on the canvas. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { ExternalLink, Footprints, Users } from "lucide-react";
import { useEffect } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useOnCanvas } from "@/board/flow";
import { useDescribed } from "@/document/described";
import { useDraft } from "@/document/draft";
import { Empty, Failed, Loading } from "@/ui/feedback";
import { Moment } from "@/ui/moment";
import { goalTitle, titleOf } from "@/document/titles";
import { journeyPath } from "@/page";
import { useUi } from "@/ui/state";
import { say, useWords } from "@/words";
import { leavePath, usePath, walkPath } from "./path";
import { PathView } from "./path-view";
import { SENDS } from "./sends";
import { type Asked, type Counted, useAsked, useLive } from "./store";
import "./live.css";

type CustomersAnswer = Answer<"/api/journeys/{key}/customers", "get">;
const WHAT: readonly Counted[] = ["here", "entered", "left", "ended", "sent", "goal"];

export function CustomersPanel() {
  const walking = usePath((state) => state.run !== null);
  useEffect(() => leavePath, []);
  return walking ? <PathView /> : <CustomerList />;
}

function CustomerList() {
  const { asked } = useAsked();
  return (
    <div className="p-body">
      <Filter asked={asked} />
      <div className="p-scroll">
        <Customers asked={asked} />
      </div>
    </div>
  );
}

function Filter({ asked }: { asked: Asked }) {
  const words = useWords();
  const document = useUi((state) => state.shown) ?? useDraft.getState().document;
  const ask = (change: Partial<Asked>): void => useAsked.setState({ asked: { ...asked, ...change } });
  return (
    <div className="l-filter">
      <select
        aria-label={words("live.customers.step")}
        value={asked.step ?? ""}
        onChange={(event) => ask({ step: event.target.value || null, port: null })}
      >
        <option value="">{words("live.customers.whole")}</option>
        {document.steps.map((step) => (
          <option key={step.id} value={step.id}>
            {titleOf(step)}
          </option>
        ))}
      </select>
      <div className="p-tabs" role="group" aria-label={words("live.customers")}>
        {WHAT.filter((what) => asked.step !== null || what !== "left").map((what) => (
          <button key={what} type="button" aria-pressed={asked.what === what} onClick={() => ask({ what, port: null })}>
            {words(`live.customers.${what}`)}
          </button>
        ))}
      </div>
      <Narrower asked={asked} ask={ask} />
    </div>
  );
}

/** Which port, which outcome of a message, which goal. */
function Narrower({ asked, ask }: { asked: Asked; ask: (change: Partial<Asked>) => void }) {
  const words = useWords();
  const ports = useDescribed((state) => (asked.step ? state.described.steps[asked.step]?.ports : undefined)) ?? [];
  const live = useLive((state) => state.live);
  const document = useOnCanvas();
  const choices: Partial<Record<Counted, { label: string; options: [string, string][] }>> = {
    left: { label: words("live.customers.way"), options: ports.map((port) => [port.name, say(port.label) || port.name]) },
    sent: { label: words("live.customers.outcome"), options: SENDS.map(({ status, key }) => [status, words(key)]) },
    goal: { label: words("live.customers.goal"), options: (live?.goals ?? []).map(({ goal }) => [goal, goalTitle(document, goal)]) },
  };
  const choice = choices[asked.what];
  if (!choice || choice.options.length < 2) return null;
  return (
    <select aria-label={choice.label} value={asked.port ?? ""} onChange={(event) => ask({ port: event.target.value || null })}>
      <option value="">{words("live.customers.all")}</option>
      {choice.options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function address(asked: Asked, before: string | null): string {
  const query = new URLSearchParams({ what: asked.what, limit: "50" });
  if (asked.step) query.set("step", asked.step);
  if (asked.port) query.set("port", asked.port);
  if (before) query.set("cursor", before);
  return journeyPath(`/customers?${query}`);
}

function Customers({ asked }: { asked: Asked }) {
  const words = useWords();
  const found = useInfiniteQuery({
    queryKey: ["customers-of", asked],
    queryFn: async ({ pageParam, signal }) => (await call<CustomersAnswer>("GET", address(asked, pageParam), { signal })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (found.isPending) return <Loading lines={8} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const rows = found.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <Empty icon={<Users aria-hidden size={24} />} title={words("live.customers.none")}>
        <p>{words("live.customers.none_line")}</p>
      </Empty>
    );
  }
  return (
    <>
      <ul className="p-list">
        {rows.map((row, index) => (
          <Row key={`${row.run} ${row.at} ${index}`} row={row} />
        ))}
      </ul>
      {found.hasNextPage && (
        <div className="more">
          <button type="button" className="button small" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {words(found.isFetchingNextPage ? "panel.loading" : "panel.more")}
          </button>
        </div>
      )}
    </>
  );
}

const RUN_STATUS = { starting: "live.run.live", running: "live.run.live", finished: "live.run.finished" } as const;

function Row({ row }: { row: CustomersAnswer["items"][number] }) {
  const words = useWords();
  const name = row.customer.name || row.customer.external_id || words("live.customers.nameless");
  const run = RUN_STATUS[row.status as keyof typeof RUN_STATUS];
  const send = SENDS.find((one) => one.status === row.status);
  const status = run ? words(run) : send ? words(send.key) : row.status;
  return (
    <li className="l-customer">
      <div className="who">
        {row.customer.id ? (
          <a className="p-cut" href={`/customers/${row.customer.id}`} title={words("live.customers.page")}>
            {name} <ExternalLink aria-hidden size={11} />
          </a>
        ) : (
          <strong>{name}</strong>
        )}
        <span className="faint">
          <Moment at={row.at} /> · {row.problem ? <span className="l-trouble">{words("live.run.problem")}</span> : status}
        </span>
        {row.problem_text && (
          <a className="l-trouble faint" href="/runs?status=problem">
            {say(row.problem_text)}
          </a>
        )}
      </div>
      <button
        type="button"
        className="p-button accent"
        aria-label={words("live.customers.walk_of", { name })}
        title={words("live.customers.walk")}
        onClick={() => void walkPath(row.run, name)}
      >
        <Footprints aria-hidden size={14} />
        {words("live.customers.walk")}
      </button>
    </li>
  );
}
