import type { Answer } from "@/api/types";

export type CustomerRow = Answer<"/api/customers", "get">["items"][number];

/** How a list calls a customer: by name, else by whatever is known of them. */
export const customerName = (row: CustomerRow): string =>
  (typeof row.attributes["name"] === "string" && row.attributes["name"]) || row.email || row.external_id || row.id;
