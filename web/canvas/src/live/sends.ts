/** Outcomes of a message, in the order shown. */

import { Ban, CircleHelp, CircleX, Clock, LoaderCircle, type LucideIcon, Send } from "lucide-react";

export const SENDS = [
  { status: "sent", icon: Send, key: "live.send.sent" },
  { status: "claimed", icon: LoaderCircle, key: "live.send.claimed" },
  { status: "held", icon: Clock, key: "live.send.held" },
  { status: "skipped", icon: Ban, key: "live.send.skipped" },
  { status: "unknown", icon: CircleHelp, key: "live.send.unknown" },
  { status: "failed", icon: CircleX, key: "live.send.failed" },
] as const satisfies readonly { status: string; icon: LucideIcon; key: string }[];
