/** What is said of messages: the measures in the order shown, and each as a part of its whole. */

import { BellOff, type LucideIcon, MailCheck, MailOpen, MousePointerClick, Target } from "lucide-react";
import type { Answer } from "@/api/types";
import { percent } from "@/ui/formats";

export type Performance = Answer<"/api/journeys/{key}/performance", "get">;
export type Figures = Performance["steps"][string]["total"];
export type ArmFigures = Performance["arms"][string][string];
export type Rate = Figures["opened"];
export type Period = Performance["period"];
export const PERIODS = ["7d", "30d", "all"] as const satisfies readonly Period[];

export const RATES = [
  { name: "delivered", icon: MailCheck },
  { name: "opened", icon: MailOpen },
  { name: "clicked", icon: MousePointerClick },
  { name: "converted", icon: Target },
  { name: "unsubscribed", icon: BellOff },
] as const satisfies readonly { name: Exclude<keyof Figures, "sent">; icon: LucideIcon }[];

/** What is shown of a channel, or of several: what it cannot know is left out, not shown as nothing. */
export const shown = (figures: Figures): typeof RATES[number][] => RATES.filter(({ name }) => figures[name].missing !== "not_on_channel");

/** A percentage; null where there is no whole, or nothing can be said. */
export const share = (rate: Rate): string | null => (rate.missing === null ? percent(rate.people, rate.of) : null);
