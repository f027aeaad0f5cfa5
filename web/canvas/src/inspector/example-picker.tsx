/** Which customer examples are shown for. */

import { UserRound } from "lucide-react";
import { useEffect, useState } from "react";
import { call } from "@/api/client";
import { useWords } from "@/words";
import { Combobox, type Option } from "./combobox";
import { useExample } from "./preview";

type Row = { id: string; attributes?: { name?: unknown }; email?: string | null; external_id?: string | null };
const nameOf = (row: Row): string =>
  (typeof row.attributes?.name === "string" && row.attributes.name) || row.email || row.external_id || row.id;
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
        const { data } = await call<{ items: Row[] }>("GET", `/api/customers?limit=20&query=${encodeURIComponent(query)}`, {
          signal: asking.signal,
        });
        setRows(data.items.map((row) => ({ value: row.id, label: nameOf(row), detail: row.email ?? row.external_id ?? undefined })));
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
