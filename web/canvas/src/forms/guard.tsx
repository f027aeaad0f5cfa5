import { Component, type ReactNode } from "react";
import { word } from "@/words";

/** A form that a broken file has made impossible says so; the canvas around it stays. */
export class Guard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <p className="in-problems" role="alert">
        <span data-severity="error">{word("inspector.broken")}</span>
      </p>
    );
  }
}
