/** The journey file as the canvas holds it: plain JSON, possibly unfinished. The server alone says what it means. */

import type { Answer, JsonObject } from "@/api/types";

export type { Json, JsonObject } from "@/api/types";

/** Words that a marketer wrote, by language tag. */
export type LocalText = Record<string, string>;
export const STAGES = ["intake", "adaptation", "retention", "churn_signal"] as const;
export type Stage = (typeof STAGES)[number];
/** The id of the entry in edges; no step has it. */
export const ENTRY = "entry";

// The API describes a document only as an object: it takes unfinished ones. So its parts are written out here.
export type StepNode = { id: string; kind: string; stage?: Stage | null; settings: JsonObject; label?: LocalText };
export type Edge = { from: string; port?: string; to: string };
export type Point = { x: number; y: number };
export type Note = { id: string; x: number; y: number; width: number; height: number; text: string };
export type Layout = { positions?: Record<string, Point>; notes?: Note[]; lanes?: "horizontal" | "vertical" };
export type JourneyDocument = {
  key: string;
  name: LocalText;
  description?: LocalText;
  entry: JsonObject;
  steps: StepNode[];
  edges: Edge[];
  exits?: JsonObject[];
  goals?: JsonObject[];
  reentry?: JsonObject;
  moves_stage?: boolean;
  variables?: JsonObject;
  layout?: Layout;
};

type StepTypes = Answer<"/api/step-types", "get">;
/** One kind of step. */
export type StepType = StepTypes["items"][number];
export type Family = StepType["family"];
/** A phrase of the server's in the console's languages. */
export type Text = StepType["title"];
/** Forms of the journey itself: each with its JSON Schema, and what a new entry of it starts with. */
export type JourneyForms = StepTypes["journey"];
export type Form = JourneyForms["entry"];

/** The server's description of a draft. */
export type Described = Answer<"/api/journeys/describe", "post">;
/** A port: a named way out of a step, from which an edge leads on. */
export type Port = Described["steps"][string]["ports"][number];
export type Problem = Described["problems"][number];

type JourneyAnswer = Answer<"/api/journeys/{key}", "get">;
/** A journey as the server keeps it, with its draft. */
export type Draft = Omit<JourneyAnswer, "draft" | "status"> & { draft: Partial<JourneyDocument>; status: "draft" | "live" | "paused" | "closed" | "archived" };

/** Counts of one journey. */
export type Live = Answer<"/api/journeys/{key}/live", "get">;
export type StepCounts = Live["steps"][string];
