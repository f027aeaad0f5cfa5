/** The journey file as the canvas holds it: plain JSON, possibly unfinished. The server alone says what it means. */

export type LocalText = Record<string, string>;
export type Text = { en: string; ko: string };
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type Stage = "intake" | "adaptation" | "retention" | "churn_signal";
export const STAGES: readonly Stage[] = ["intake", "adaptation", "retention", "churn_signal"];
/** The name by which an edge leaves the entry; no step bears it. */
export const ENTRY = "entry";

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

export type Port = { name: string; label: Text; required: boolean };
export type Family = "action" | "wait" | "decision" | "measure" | "end";
/** One kind of step, as `GET /api/step-types` tells it. */
export type StepType = {
  kind: string;
  title: Text;
  meaning: Text;
  help: Text;
  family: Family;
  icon: string;
  schema: JsonObject;
  defaults: JsonObject;
  ports: Port[];
  summary: Text;
};
export type Problem = {
  code: string;
  severity: "error" | "warning";
  step: string | null;
  field?: string | null;
  parameters: JsonObject;
  message: string;
  text: Text;
};
/** A journey as the server keeps it (`GET /api/journeys/{key}`). */
export type Draft = {
  key: string;
  name: LocalText;
  status: "draft" | "live" | "paused" | "stopped";
  version: number | null;
  draft: JourneyDocument;
  revision?: string;
  edited_by?: string | null;
  edited_at?: string | null;
  published_at: string | null;
  plan_hash: string | null;
  has_changes?: boolean;
};
/** A form of the journey itself: its JSON Schema, and what a new entry of it starts with. */
export type Form = { schema: JsonObject; defaults?: JsonObject };
export type JourneyForms = Record<"entry" | "exit" | "goal" | "reentry" | "settings", Form>;
/** What the server says of a draft (`POST /api/journeys/describe`). */
export type Described = {
  steps: Record<string, { ports: Port[]; summary: Text; targets: string[]; says?: { path: string; title: Text }[] }>;
  entry: { summary: Text; filter: Text | null };
  problems: Problem[];
  plan_hash: string | null;
};
/** Counts of one journey (`GET /api/journeys/{key}/live`). */
export type StepCounts = {
  here: number;
  troubled: number;
  entered: number;
  ended: number;
  left: Record<string, number>;
  sends: Record<string, number>;
};
export type Live = {
  at: string;
  entered: number;
  here: number;
  finished: number;
  steps: Record<string, StepCounts>;
  goals: { goal: string; times: number; runs: number; value: number | null; currency: string | null }[];
};
