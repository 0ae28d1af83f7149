import page from "../../dist/reference.html.txt";
import style from "../../dist/reference.css.txt";

/** The page has one style from here, and no script. */
const policy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `GET /docs`: the API reference of the version that runs. */
export function getReference(): Response {
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
    },
  });
}

/** `GET /docs.css`: its style. */
export function getReferenceStyle(): Response {
  return new Response(style, {
    headers: { "content-type": "text/css; charset=utf-8", "cache-control": "no-cache" },
  });
}
