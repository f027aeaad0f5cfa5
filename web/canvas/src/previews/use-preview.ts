/** Asks the server how something would turn out, a moment after its last change. */

import { useEffect, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import type { paths } from "@/api/schema.gen";
import type { Answer } from "@/api/types";

type PreviewPath = Extract<keyof paths, `/api/previews/${string}` | "/api/segments/estimate">;
export type Preview<T> = { data: T | null; problem: ApiProblem | null; pending: boolean };

/** The answer, renewed when `body` changes; until then the last answer stays. `body`: null asks nothing. `pause`: milliseconds. */
export function usePreview<P extends PreviewPath>(path: P, body: unknown, pause = 350): Preview<Answer<P, "post">> {
  type Data = Answer<P, "post">;
  const [answer, setAnswer] = useState<Preview<Data>>({ data: null, problem: null, pending: false });
  const question = body === null ? null : JSON.stringify(body);
  useEffect(() => {
    if (question === null) {
      setAnswer({ data: null, problem: null, pending: false });
      return;
    }
    const asking = new AbortController();
    setAnswer((last) => ({ ...last, pending: true }));
    const timer = setTimeout(async () => {
      try {
        const { data } = await call<Data>("POST", path, { body: JSON.parse(question), signal: asking.signal });
        setAnswer({ data, problem: null, pending: false });
      } catch (problem) {
        if (asking.signal.aborted) return;
        if (problem instanceof ApiProblem && problem.status < 500) setAnswer({ data: null, problem, pending: false });
        else setAnswer((last) => ({ ...last, pending: false })); // the server is away: its last answer stays
      }
    }, pause);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [path, question, pause]);
  return answer;
}
