/** Names that the workspace has seen, to complete what is typed. */

import { create } from "zustand";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";

export type NamesState = Answer<"/api/names", "get">;

export const useNames = create<NamesState>()(() => ({
  events: [],
  attributes: [],
  journeys: [],
  consents: [],
  coupons: [],
  surveys: [],
  secrets: [],
  segments: [],
}));

/** Names only help: without them everything can still be typed. */
export async function loadNames(): Promise<void> {
  const { data } = await call<Partial<NamesState>>("GET", "/api/names");
  useNames.setState(data);
}
