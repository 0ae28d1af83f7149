export type {
  ActiveAnswer,
  Answer,
  CohortRow,
  Count,
  CountedGroup,
  EngagementAnswer,
  EngagementRow,
  LifecycleAnswer,
  LifecycleRow,
  OnlineAnswer,
  Period,
  PointRow,
  RatioRow,
  RetentionAnswer,
  TimeseriesAnswer,
  WindowRow,
} from "../answers.ts";
export { createHeadcount } from "./create-headcount.ts";
export { HeadcountError, type HeadcountErrorCode } from "./error.ts";
export { type ExpressResponse, expressMiddleware } from "./express.ts";
export { type HonoContext, honoMiddleware } from "./hono.ts";
export type { MiddlewareOptions } from "./identified.ts";
export { ittyMiddleware } from "./itty-router.ts";
export type { HeadcountServer, Identified, ServerOptions, TouchOptions, WaitUntil } from "./options.ts";
export type { Queries } from "./queries.ts";
export type {
  ActiveQuestion,
  EngagementQuestion,
  Instant,
  LifecycleQuestion,
  OnlineQuestion,
  Question,
  RetentionQuestion,
  TimeseriesQuestion,
  Window,
} from "./questions.ts";
