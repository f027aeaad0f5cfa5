/** Names that the workspace has seen: to complete what one types. */

import { create } from "zustand";
import { call } from "@/api/client";
import type { JsonObject, LocalText } from "./types";

export type NamesState = {
  events: { name: string; properties: { name: string; type: string }[]; system: boolean }[];
  attributes: { name: string; type: string }[];
  journeys: { key: string; name: LocalText }[];
  consents: string[];
  coupons: { key: string; name: LocalText; free: number; standing: string }[];
  surveys: { key: string; name: LocalText; groups: JsonObject[]; content: JsonObject }[];
};

export const useNames = create<NamesState>()(() => ({
  events: [],
  attributes: [],
  journeys: [],
  consents: [],
  coupons: [],
  surveys: [],
}));

/** Names only help: without them everything can still be typed. */
export async function loadNames(): Promise<void> {
  const { data } = await call<Partial<NamesState>>("GET", "/api/names");
  useNames.setState(data);
}
