/** Who else has the journey open. Each window says so every fifteen seconds; a hidden one is silent. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useDraft } from "@/document/draft";
import { stepTitle } from "@/document/titles";
import { journeyPath } from "@/page";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import "./teamwork.css";

type People = Answer<"/api/journeys/{key}/presence", "post">;
const AGAIN = 15_000;
const MOST = 4;
const me = crypto.randomUUID();

export function PeopleHere() {
  const words = useWords();
  const step = useUi((ui) => (ui.selection.steps.length === 1 ? (ui.selection.steps[0] ?? "") : ""));
  const document = useDraft((state) => state.document);
  const found = useQuery({
    queryKey: ["presence", step],
    queryFn: async ({ signal }) => (await call<People>("POST", journeyPath("/presence"), { body: { window: me, step }, signal })).data.items,
    placeholderData: (before) => before,
    refetchInterval: AGAIN,
    retry: false,
  });
  useEffect(() => {
    const leave = (): void => void call<null>("DELETE", journeyPath(`/presence/${me}`)).catch(() => undefined);
    addEventListener("pagehide", leave);
    return () => removeEventListener("pagehide", leave);
  }, []);
  const people = found.data ?? [];
  if (people.length === 0) return null;
  const line = (one: People["items"][number]): string =>
    one.step && document.steps.some((step) => step.id === one.step) ? words("here.at", { name: one.name, step: stepTitle(document, one.step) }) : one.name;
  return (
    <ul className="t-here" aria-label={words("here.title")}>
      {people.slice(0, MOST).map((one) => (
        <li key={one.id} title={line(one)}>
          <span aria-hidden="true">{[...one.name][0]?.toLocaleUpperCase()}</span>
          <span className="hidden">{line(one)}</span>
        </li>
      ))}
      {people.length > MOST && <li className="more">+{people.length - MOST}</li>}
    </ul>
  );
}
