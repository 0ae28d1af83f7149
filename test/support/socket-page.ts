import { type Headcount, init } from "../../sdk/index.ts";
import { connect } from "../../sdk/socket.ts";

declare global {
  interface Window {
    /** Opens the SDK with its socket for a user. */
    start: (endpoint: string, key: string, user: string) => void;
    /** The same without the socket. */
    startWithoutSocket: (endpoint: string, key: string, user: string) => Headcount;
    /** Makes the page hidden, or visible again, as far as scripts can tell. */
    hide: (isHidden: boolean) => void;
    problems: unknown[];
  }
}

window.problems = [];

window.startWithoutSocket = (endpoint, key, user) => {
  const headcount = init({
    endpoint,
    key,
    includeBots: true,
    onError: (problem) => window.problems.push(problem instanceof Error ? problem.message : problem.status),
  });
  headcount.identify(user);
  return headcount;
};

window.start = (endpoint, key, user) => {
  connect(window.startWithoutSocket(endpoint, key, user));
};

window.hide = (isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
};
