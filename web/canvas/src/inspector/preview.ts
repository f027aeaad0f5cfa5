/** Asks the server what something would be, a moment after the last change of it. */

import { useEffect, useState } from "react";
import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";

export type Preview<T> = { data: T | null; problem: ApiProblem | null; pending: boolean };

/** The answer to a question, renewed when the question changes; the last answer stays until the next one comes. */
export function usePreview<T>(path: string, body: unknown, pause = 350): Preview<T> {
  const [answer, setAnswer] = useState<Preview<T>>({ data: null, problem: null, pending: false });
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
        const { data } = await call<T>("POST", path, { body: JSON.parse(question), signal: asking.signal });
        setAnswer({ data, problem: null, pending: false });
      } catch (problem) {
        if (asking.signal.aborted) return;
        if (problem instanceof ApiProblem && problem.status < 500) setAnswer({ data: null, problem, pending: false });
        else setAnswer((last) => ({ ...last, pending: false })); // the server is away: what it said last stays
      }
    }, pause);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [path, question, pause]);
  return answer;
}

/** For whom examples are shown: a customer who exists, or (null) one made up by the server; what entered them. */
export type Example = { id: string; name: string };
export const useExample = create<{ customer: Example | null; entry: Record<string, string> }>()(() => ({ customer: null, entry: {} }));

/** Whether the inspector is drawn wide, for conditions and messages. */
export const useWide = create<{ wide: boolean }>()(() => ({ wide: false }));
