import { createElement, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { Heartbeat, type HeartbeatOptions } from "../../sdk/react.ts";

declare global {
  interface Window {
    /** Renders one component for each of these, in strict mode; with none, everything is unmounted. */
    show: (all: HeartbeatOptions[]) => void;
  }
}

let root: Root | undefined;

window.show = (all) => {
  root ??= createRoot(document.body.appendChild(document.createElement("div")));
  const children = all.map((props, index) => createElement(Heartbeat, { ...props, key: index }));
  root.render(createElement(StrictMode, null, children));
};
