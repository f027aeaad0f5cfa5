import { describe, expect, it } from "vitest";
import { pieces } from "./source";

describe("a text with variables", () => {
  it("is parted into text and variables", () => {
    expect(pieces("안녕하세요 {{ customer.first_name }}님")).toEqual([
      { text: "안녕하세요 " },
      { source: "{{ customer.first_name }}", path: "customer.first_name" },
      { text: "님" },
    ]);
  });

  it("keeps a filter with its variable", () => {
    expect(pieces("{{ customer.name | default('고객') }}")).toEqual([{ source: "{{ customer.name | default('고객') }}", path: "customer.name" }]);
  });

  it("leaves alone what is more than a variable, or not complete yet", () => {
    for (const text of ["{{ customer.first_name", "{% if customer.vip %}x{% endif %}", "{{ entry.items[0].name }}", "{{ 1 + 2 }}", "{{ name }}"]) expect(pieces(text)).toEqual([{ text }]);
  });

  it("puts back together what it parted", () => {
    const text = "{{ a.b }}\n\n{{ c.d }} x {{";
    expect(pieces(text).map((one) => ("text" in one ? one.text : one.source)).join("")).toBe(text);
  });
});
