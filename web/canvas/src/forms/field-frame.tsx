import { type ReactNode, useId } from "react";
import { say } from "@/words";
import { type ControlProps, type FieldProps, useFormContext } from "./context";
import { problemsAt } from "./paths";
import "./fields.css";

/** Label, control, help and problems, connected for screen readers. */
export function FieldFrame({
  label,
  help,
  problems = [],
  aside,
  hideLabel,
  group,
  children,
}: {
  label: string;
  help?: string | undefined;
  problems?: readonly { text: string; severity: string }[];
  aside?: ReactNode;
  hideLabel?: boolean;
  /** The control is a group of controls: the label names the group. */
  group?: boolean;
  children: (control: ControlProps) => ReactNode;
}) {
  const id = useId();
  const described = [help ? `${id}-help` : "", problems.length > 0 ? `${id}-wrong` : ""].filter(Boolean).join(" ");
  const control: ControlProps = {
    id,
    ...(described ? { "aria-describedby": described } : {}),
    ...(problems.some((one) => one.severity === "error") ? { "aria-invalid": true } : {}),
  };
  const helpText = help ? (
    <p className="in-help" id={`${id}-help`}>
      {help}
    </p>
  ) : null;
  const wrong =
    problems.length > 0 ? (
      <ul className="in-wrong" id={`${id}-wrong`}>
        {problems.map((one) => (
          <li key={one.text} data-severity={one.severity}>
            {one.text}
          </li>
        ))}
      </ul>
    ) : null;
  if (group) {
    return (
      <div className="in-field in-fields" role="group" aria-labelledby={`${id}-label`} aria-describedby={described || undefined}>
        <div className="in-label-row">
          <span className={hideLabel ? "hidden" : "in-label"} id={`${id}-label`}>
            {label}
          </span>
          {aside}
        </div>
        {helpText}
        {children(control)}
        {wrong}
      </div>
    );
  }
  return (
    <div className="in-field">
      <div className="in-label-row">
        <label className={hideLabel ? "hidden" : "in-label"} htmlFor={id}>
          {label}
        </label>
        {aside}
      </div>
      {children(control)}
      {helpText}
      {wrong}
    </div>
  );
}

/** Label, help and problems of a field, from its schema and from the server. `whole`: problems of inner fields too. */
export function useFieldWords({ schema, path, label }: Pick<FieldProps, "schema" | "path" | "label">, whole = false) {
  const place = useFormContext();
  const problems = problemsAt(place.problems, path, whole).map((one) => ({ text: say(one.text), severity: one.severity }));
  const help = schema["x-help"];
  const own = schema["x-label"];
  return { label: label ?? (own ? say(own) : String(path.at(-1) ?? "")), help: help && say(help), problems, readOnly: place.readOnly };
}
