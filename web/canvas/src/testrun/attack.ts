/** Made-up customers who try the draft: what they found, kept until the draft changes. */

import { create } from "zustand";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useDraft } from "@/document/draft";
import type { JourneyDocument, Json } from "@/document/types";
import { edgeId } from "@/document/edit";
import { ENTRY } from "@/document/types";
import { useUi } from "@/ui/state";
import { language } from "@/words";
import { scriptOf } from "./script";
import { rewrite } from "./store";

export type Attack = Answer<"/api/journeys/attack", "post">;
export type Place = Attack["places"][number];
export type Finding = Attack["broken"][number];
type AttackScript = NonNullable<Place["script"]>;

type AttackState = {
  found: Attack | null;
  /** The draft that it was found of. */
  of: JourneyDocument | null;
  busy: boolean;
  problem: unknown;
  seed: number;
};

export const useAttack = create<AttackState>()(() => ({ found: null, of: null, busy: false, problem: null, seed: 0 }));

/** Has customers try the draft; asked again, others do. */
export async function attack(): Promise<void> {
  const { seed, busy } = useAttack.getState();
  if (busy) return;
  const { document } = useDraft.getState();
  const { layout: _, ...meaning } = document;
  useAttack.setState({ busy: true, problem: null });
  try {
    const { data } = await call<Attack>("POST", "/api/journeys/attack", { body: { document: meaning as unknown as Json, seed } });
    useAttack.setState({ found: data, of: document, busy: false, seed: seed + 1 });
    lightTaken(data);
  } catch (problem) {
    useAttack.setState({ busy: false, problem, found: null });
  }
}

/** Lights every path that somebody took: what stays dark, nobody did. */
export function lightTaken(found: Attack): void {
  if (useUi.getState().mode !== "test") return;
  const { steps, edges } = useDraft.getState().document;
  const taken = new Set(found.places.filter((place) => place.count > 0).map((place) => `${place.step}/${place.port}`));
  const visited = new Set(found.places.filter((place) => place.count > 0).map((place) => place.step));
  const lit = edges.filter((edge) => edge.from === ENTRY || taken.has(edgeId(edge)) || (edge.port === undefined && taken.has(`${edge.from}/next`)));
  useUi.getState().set({
    litEdges: Object.fromEntries(lit.map((edge) => [edgeId(edge), true as const])),
    marks: Object.fromEntries(steps.map((step) => [step.id, { tone: visited.has(step.id) ? ("passed" as const) : ("dim" as const) }])),
  });
}

/** Plays what a made-up customer did as the test run. */
export function playScript(script: AttackScript): void {
  rewrite(() => scriptOf(script, language()));
}
