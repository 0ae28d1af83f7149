import page from "../../dist/dashboard.html.txt";
import script from "../../dist/dashboard.js.txt";
import style from "../../dist/dashboard.css.txt";
import type { RouteContext } from "../app/route-context.ts";

/** Everything comes from here, and nothing is inline. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** `GET /`: the dashboard's page. It holds no figure: its script asks for them with the reader's own key. */
export function getDashboard(): Response {
  return dashboardPage([]);
}

/** @param framedBy origins whose pages may show the page in a frame */
export function dashboardPage(framedBy: readonly string[]): Response {
  const ancestors = framedBy.length === 0 ? "'none'" : framedBy.join(" ");
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": `${policy}; frame-ancestors ${ancestors}`,
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=()",
      "referrer-policy": "no-referrer",
      // It knows no list of origins.
      ...(framedBy.length === 0 && { "x-frame-options": "DENY" }),
    },
  });
}

/** `GET /dashboard.js`: the dashboard's script. */
export function getDashboardScript(route: RouteContext): Response {
  return asset(route, script, "text/javascript");
}

/** `GET /dashboard.css`: the dashboard's style. */
export function getDashboardStyle(route: RouteContext): Response {
  return asset(route, style, "text/css");
}

/** For good only under the version that the page names: while a release spreads, a page may ask for another's. */
function asset({ request, url }: RouteContext, text: string, type: string): Response {
  const isNamed = page.includes(`"${url.pathname}${url.search}"`);
  const mayZip = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  return new Response(text, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      // The runtime does it; Cloudflare's edge then turns it into what the browser likes best.
      ...(mayZip && { "content-encoding": "gzip" }),
      vary: "accept-encoding",
      "cache-control": isNamed ? "public, max-age=31536000, immutable" : "no-cache",
    },
  });
}
