/** Sends one message of the draft to an address of the reader's, rendered as for customers; it is counted nowhere. */

import { useState } from "react";
import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import { FieldFrame } from "@/forms/field-frame";
import { useChannel } from "@/messages/channels";
import { useExample } from "@/previews/example";
import { remember, remembered } from "@/ui/remembered";
import { toast } from "@/ui/toasts";
import { say, useWords } from "@/words";
import { useSample } from "./preview";
import { endpoint, saveNow, useEditor } from "./store";
import "./test-send.css";

export function TestSend({ done }: { done: () => void }) {
  const words = useWords();
  const { channel, locale, forms } = useEditor();
  const customer = useExample((state) => state.customer);
  const values = useSample();
  const contact = useChannel(channel ?? "")?.contact;
  const kind = contact?.kind ?? channel ?? "";
  const [to, setTo] = useState(remembered(`test.${kind}`) ?? "");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const form = forms.channels.find((one) => one.channel === channel);
  const send = async (): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      if (!(await saveNow())) return;
      const request = { channel, locale, to: to.trim(), customer: customer?.id ?? null, event: { properties: values.entry }, variables: values.var };
      const { data } = await call<Answer<"/api/message-templates/{key}/test", "post">>("POST", `${endpoint()}/test`, { body: request });
      remember(`test.${kind}`, to.trim());
      toast(words("tpl.test_sent", { to: to.trim(), provider: data.provider }));
      done();
    } catch (problem) {
      setWrong(problem instanceof ApiProblem ? problem.message : words("tpl.no_answer"));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <strong>{words("tpl.test_title", { channel: form ? say(form.title) : "" })}</strong>
      <p className="in-help">{words("tpl.test_line", { customer: customer?.name ?? words("inspector.example.nobody") })}</p>
      <FieldFrame label={words("tpl.test_to")} problems={wrong ? [{ text: wrong, severity: "error" }] : []}>
        {(control) => <input {...control} value={to} placeholder={contact?.example ?? ""} onChange={(event) => setTo(event.target.value)} required />}
      </FieldFrame>
      <button type="submit" className="button primary" disabled={busy || to.trim() === ""}>
        {words(busy ? "tpl.test_sending" : "tpl.test_send")}
      </button>
    </form>
  );
}
