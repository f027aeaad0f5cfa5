/** Sends the e-mail of a step, as it is drawn, to somebody of the team; it is counted nowhere. */

import { Send } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import type { JsonObject } from "@/document/types";
import { Select } from "@/forms/controls";
import { FieldFrame } from "@/forms/field-frame";
import { useChannel } from "@/messages/channels";
import { remember, remembered } from "@/ui/remembered";
import { toast } from "@/ui/toasts";
import { useWords } from "@/words";

const PLACE = "test.step";

export function StepTest({ channel, question }: { channel: string; question: JsonObject }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="button">
          <Send aria-hidden size={14} />
          {words("tpl.test")}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="in-menu in-step-test" aria-label={words("tpl.test")} align="end" sideOffset={4} collisionPadding={8}>
          <Form channel={channel} question={question} done={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Form({ channel, question, done }: { channel: string; question: JsonObject; done: () => void }) {
  const words = useWords();
  const contact = useChannel(channel)?.contact;
  const [team, setTeam] = useState<string[]>([]);
  const [to, setTo] = useState(remembered(PLACE) ?? "");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    call<Answer<"/api/previews/test-addresses", "get">>("GET", "/api/previews/test-addresses").then(
      ({ data }) => {
        setTeam(data.items);
        setTo((now) => (data.items.length > 0 && !data.items.includes(now) ? (data.items[0] ?? "") : now));
      },
      () => setWrong(words("panel.no_answer")),
    );
  }, [words]);
  const send = async (): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      const { data } = await call<Answer<"/api/previews/message/test", "post">>("POST", "/api/previews/message/test", { body: { ...question, to: to.trim() } });
      remember(PLACE, to.trim());
      toast(words("tpl.test_sent", { to: to.trim(), provider: data.provider }));
      done();
    } catch (problem) {
      setWrong(problem instanceof ApiProblem ? problem.message : words("panel.no_answer"));
    }
    setBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p className="in-help">{words("step_test.line")}</p>
      <FieldFrame label={words("tpl.test_to")} problems={wrong ? [{ text: wrong, severity: "error" }] : []}>
        {(control) =>
          team.length > 0 ? (
            <Select control={control} readOnly={false} value={to} options={team.map((one) => ({ value: one, label: one }))} change={setTo} />
          ) : (
            // A browser checks the kinds that HTML knows; any other is text to it.
            <input {...control} type={contact?.kind} required value={to} placeholder={contact?.example ?? ""} onChange={(event) => setTo(event.target.value)} />
          )
        }
      </FieldFrame>
      <button type="submit" className="button primary" disabled={busy || to.trim() === ""}>
        {words(busy ? "tpl.test_sending" : "tpl.test_send")}
      </button>
    </form>
  );
}
