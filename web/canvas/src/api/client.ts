/** Calls to Sojourn's API with the session's cookie; problems (RFC 9457) become `ApiProblem`. */

import { language } from "@/words";
import type { JsonObject } from "./types";

/** A problem that the API answered with, in the reader's language. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null,
    readonly body: JsonObject,
  ) {
    super(detail || title);
  }
}

const csrf = (): string => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

const headers = (): Record<string, string> => ({ "accept-language": language(), "x-csrf-token": csrf() });

/** One call with JSON both ways. `T`: its answer (`Answer` of api/types). Throws `ApiProblem`. */
export async function call<T>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  options: { body?: unknown; file?: { text: string | Blob; type: string }; ifMatch?: string; signal?: AbortSignal } = {},
): Promise<{ data: T; etag: string }> {
  const sent: Record<string, string> = headers();
  if (options.body !== undefined) sent["content-type"] = "application/json";
  if (options.file) sent["content-type"] = options.file.type;
  if (options.ifMatch !== undefined && options.ifMatch !== "") sent["if-match"] = options.ifMatch;
  const response = await fetch(path, {
    method,
    headers: sent,
    body: options.file?.text ?? (options.body === undefined ? null : JSON.stringify(options.body)),
    signal: options.signal ?? null,
    credentials: "same-origin",
  });
  const text = await response.text();
  const data: unknown = text === "" ? null : JSON.parse(text);
  if (!response.ok) {
    const body = (data ?? {}) as JsonObject;
    const word = (name: string): string => (typeof body[name] === "string" ? (body[name] as string) : "");
    throw new ApiProblem(response.status, word("code"), word("title"), word("detail"), word("field") || null, body);
  }
  return { data: data as T, etag: response.headers.get("etag") ?? "" };
}
