import { describe, expect, it } from "vitest";
import { asVariant, fieldsOf, gaps, initial, initialObject, isShown, type Schema, shapeOf, variantsOf } from "./schema";

const label = { en: "Label", ko: "이름표" };
const root: Schema = {
  $defs: {
    Ref: { type: "object", properties: { ref: { type: "string", "x-label": label } }, required: ["ref"] },
    For: {
      type: "object",
      "x-label": label,
      properties: { mode: { const: "for" }, length: { type: "string", format: "duration", "x-label": label } },
      required: ["length"],
    },
    Until: {
      type: "object",
      "x-label": label,
      properties: {
        mode: { const: "until" },
        at: { type: "string", format: "time", default: "10:00:00", "x-label": label },
        length: { type: "string", format: "duration", "x-label": label },
      },
    },
  },
  oneOf: [{ $ref: "#/$defs/For" }, { $ref: "#/$defs/Until" }],
  discriminator: { propertyName: "mode" },
};

describe("a field that goes with some values of another", () => {
  const field: Schema = { type: "string", "x-when": { bubble: ["IMAGE", "WIDE"] } };
  const schema: Schema = { properties: { bubble: { enum: ["TEXT", "IMAGE", "WIDE"], default: "TEXT" }, image: field } };

  it("is shown with those alone", () => {
    expect(isShown(field, { bubble: "WIDE" }, schema)).toBe(true);
    expect(isShown(field, { bubble: "TEXT" }, schema)).toBe(false);
  });

  it("counts the other's default where it is not set", () => {
    expect(isShown(field, {}, schema)).toBe(false);
    expect(isShown({ ...field, "x-when": { bubble: ["TEXT"] } }, {}, schema)).toBe(true);
    expect(isShown({ type: "string" }, {}, schema)).toBe(true);
  });
});

describe("a field's shape", () => {
  it("is found through a reference and a null", () => {
    const shape = shapeOf({ anyOf: [{ type: "string", format: "duration" }, { type: "null" }], default: null, "x-label": label }, root);
    expect(shape.is).toBe("duration");
    expect(shape.optional).toBe(true);
    expect(shape.schema["x-label"]).toEqual(label);
    expect(shapeOf({ $ref: "#/$defs/Ref" }, root).is).toBe("object");
  });

  it("is a value where it may be of several plain types or a reference", () => {
    const shape = shapeOf({ anyOf: [{ type: "string" }, { type: "number" }, { $ref: "#/$defs/Ref" }, { type: "null" }] }, root);
    expect([shape.is, shape.optional]).toEqual(["scalar", true]);
  });

  it("is a choice of several where a list holds named values", () => {
    expect(shapeOf({ type: "array", items: { enum: ["mon", "tue"], type: "string" } }, root).is).toBe("choices");
    expect(shapeOf({ type: "array", items: { $ref: "#/$defs/Ref" } }, root).is).toBe("list");
  });

  it("has the variants of a union and the fields of each", () => {
    expect(variantsOf(root, root).map((variant) => variant.tag)).toEqual(["for", "until"]);
    expect(fieldsOf(root.$defs!.For!, root).map((field) => field.name)).toEqual(["length"]);
  });
});

describe("what a field starts with", () => {
  it("has the required members only", () => {
    expect(initialObject(root.$defs!.For!, root)).toEqual({ mode: "for", length: "P1D" });
    expect(initialObject(root.$defs!.Until!, root)).toEqual({ mode: "until" });
    expect(initial({ type: "integer", minimum: 3 }, root)).toBe(3);
  });

  it("keeps what two variants have in common", () => {
    const until = variantsOf(root, root)[1]!;
    expect(asVariant({ mode: "for", length: "P3D" }, until, root)).toEqual({ mode: "until", length: "P3D" });
  });
});

describe("gaps of a schema", () => {
  it("are empty where every field has words and a form", () => {
    expect(gaps(root, new Set())).toEqual([]);
  });

  it("name a field without words, an editor that does not exist, a shape without a form", () => {
    const bad: Schema = {
      type: "object",
      properties: {
        silent: { type: "string" },
        odd: { type: "string", "x-label": label, "x-editor": "hologram" },
        strange: { type: "object", "x-label": label },
        mood: { enum: ["good"], type: "string", "x-label": label },
      },
    };
    expect(gaps(bad, new Set())).toEqual([
      "settings.silent: no label",
      "settings.odd: no editor hologram",
      'settings.strange: no form for {"type":"object","x-label":{"en":"Label","ko":"이름표"}}',
      "settings.mood: no words for good",
    ]);
  });
});
