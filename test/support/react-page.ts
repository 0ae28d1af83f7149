import { createElement, StrictMode } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { type Headcount, init, type Options } from "../../sdk/index.ts";
import { Heartbeat, type HeartbeatOptions } from "../../sdk/react.ts";
import { connect } from "../../sdk/socket.ts";
import { init as initWithTokens } from "../../sdk/tokens.ts";

/** What a component is given; functions can't be sent to a page, so it adds those that are asked for. */
export interface Shown extends HeartbeatOptions {
  withTokens?: boolean;
  withSocket?: boolean;
}

declare global {
  interface Window {
    /** Renders one component for each of these, in strict mode; with none, everything is unmounted. */
    show: (all: Shown[]) => void;
    /** Makes an instance of the app's own, for a user. */
    own: (options: Options, user: string) => void;
    app: Headcount;
  }
}

let root: Root | undefined;

window.show = (all) => {
  root ??= createRoot(document.body.appendChild(document.createElement("div")));
  const children = all.map(({ withTokens, withSocket, ...props }, index) =>
    createElement(Heartbeat, {
      ...props,
      key: index,
      ...(withTokens && { init: initWithTokens }),
      ...(withSocket && { connect }),
    }),
  );
  // With all that begins and ends by it, so that whoever comes next finds that done.
  flushSync(() => root?.render(createElement(StrictMode, null, children)));
};

window.own = (options, user) => {
  window.app = init(options);
  window.app.identify(user);
};
