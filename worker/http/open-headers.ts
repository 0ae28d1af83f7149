/** Keys travel in bodies and headers, never in cookies, so any page may read what its own key is answered. */
export const openHeaders = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "retry-after",
  "x-content-type-options": "nosniff",
};
