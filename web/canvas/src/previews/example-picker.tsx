/** Chooses the customer for whom previews are filled in. */

import { UserRound } from "lucide-react";
import { useEffect, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useWords } from "@/words";
import { Combobox, type Option } from "@/forms/combobox";
import { customerName } from "./customer-name";
import { useExample } from "./example";
import "./example-picker.css";

const NOBODY = "-";

export function ExamplePicker() {
  const words = useWords();
  const chosen = useExample((state) => state.customer);
  const [query, setQuery] = useState("");
  const [rows, setRows] = useState<Option[]>([]);
  useEffect(() => {
    const asking = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { data } = await call<Answer<"/api/customers", "get">>("GET", `/api/customers?limit=20&query=${encodeURIComponent(query)}`, {
          signal: asking.signal,
        });
        setRows(data.items.map((row) => ({ value: row.id, label: customerName(row), detail: row.email ?? row.external_id ?? undefined })));
      } catch {
        // without the list the made-up customer stays
      }
    }, 250);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [query]);
  const nobody: Option = { value: NOBODY, label: words("inspector.example.nobody") };
  const own: Option[] = chosen && !rows.some((row) => row.value === chosen.id) ? [{ value: chosen.id, label: chosen.name }] : [];
  const options = [nobody, ...own, ...rows];
  return (
    <span className="in-example">
      <UserRound aria-hidden size={14} />
      <Combobox
        label={words("inspector.example")}
        readOnly={false}
        options={options}
        value={chosen?.id ?? NOBODY}
        onQuery={setQuery}
        change={(id) => {
          const found = options.find((one) => one.value === id);
          useExample.setState({ customer: id === NOBODY || !found ? null : { id, name: found.label ?? id } });
        }}
      />
    </span>
  );
}
