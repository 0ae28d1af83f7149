import { type MiddlewareOptions, touchAnswered } from "./identified.ts";
import type { HeadcountServer } from "./options.ts";

/** The part of Express's response, and of Node's, that is used. */
export interface ExpressResponse {
  statusCode: number;
  once(event: "finish", listener: () => void): unknown;
}

/**
 * Middleware for Express (and Connect): `app.use(expressMiddleware(headcount, { identify: (request) => request.user?.id }))`.
 * Counts once the answer has been handed over, wherever in the chain it stands. An answer that is cut off isn't counted.
 */
export function expressMiddleware<Request, Response extends ExpressResponse>(
  headcount: HeadcountServer,
  options: MiddlewareOptions<[request: Request, response: Response]>,
): (request: Request, response: Response, next: () => void) => void {
  return (request, response, next) => {
    response.once("finish", () =>
      touchAnswered(headcount, options, response.statusCode, {}, request, response),
    );
    next();
  };
}
