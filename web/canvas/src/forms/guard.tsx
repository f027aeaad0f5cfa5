import { Component, type ReactNode } from "react";
import { word } from "@/words";

/** Shows a message where a form fails on a broken file; the canvas around it stays. */
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
