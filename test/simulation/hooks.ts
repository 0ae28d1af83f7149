import { registerHooks } from "node:module";

// Lets Node run what is made for the Workers runtime: Durable Objects on a base class of the simulation's own, and files
// that the bundler takes in as text or leaves to the engine, which nobody here asks for.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "cloudflare:workers") {
      return { url: new URL("cloudflare-workers.ts", import.meta.url).href, shortCircuit: true };
    }
    if (/\.(txt|bin)$/.test(specifier))
      return { url: "data:text/javascript,export default ''", shortCircuit: true };
    return next(specifier, context);
  },
});
