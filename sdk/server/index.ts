export type {
  ActiveAnswer,
  Answer,
  CohortFigures,
  CohortRow,
  Count,
  CountedGroup,
  EngagementAnswer,
  EngagementRow,
  GrowthAnswer,
  GrowthRow,
  LifecycleAnswer,
  LifecycleRow,
  OnlineAnswer,
  Period,
  PointRow,
  PowerAnswer,
  PowerRow,
  Ratio,
  RatioRow,
  RetentionAnswer,
  TimeseriesAnswer,
  WindowRow,
} from "../answers.ts";
export { createHeadcount } from "./create-headcount.ts";
export { HeadcountError, type HeadcountErrorCode } from "./error.ts";
export { type ExpressResponse, expressMiddleware } from "./express.ts";
export { type HonoContext, type HonoContextOf, type HonoEnv, honoMiddleware } from "./hono.ts";
export type { MiddlewareOptions } from "./identified.ts";
export { ittyMiddleware } from "./itty-router.ts";
export type { HeadcountServer, Identified, ServerOptions, TouchOptions, WaitUntil } from "./options.ts";
export type { Queries } from "./queries.ts";
export type {
  ActiveQuestion,
  EngagementQuestion,
  GrowthQuestion,
  Instant,
  LifecycleQuestion,
  OnlineQuestion,
  PowerQuestion,
  Question,
  RetentionQuestion,
  TimeseriesQuestion,
  Window,
} from "./questions.ts";
