import type {
  ActiveAnswer,
  EngagementAnswer,
  GrowthAnswer,
  LifecycleAnswer,
  OnlineAnswer,
  PowerAnswer,
  RetentionAnswer,
  TimeseriesAnswer,
} from "../answers.ts";
import type {
  ActiveQuestion,
  EngagementQuestion,
  GrowthQuestion,
  LifecycleQuestion,
  OnlineQuestion,
  PowerQuestion,
  Question,
  RetentionQuestion,
  TimeseriesQuestion,
} from "./questions.ts";
import { callService, type Service } from "./service.ts";

/** The questions that can be asked. Each rejects with a `HeadcountError`, which has the problem document. */
export interface Queries {
  /** How many people were active, in one or several windows. */
  active(question: ActiveQuestion): Promise<ActiveAnswer>;
  /** DAU, WAU and MAU, their ratios, and the growth of each. */
  engagement(question?: EngagementQuestion): Promise<EngagementAnswer>;
  /** A point a day. */
  timeseries(question: TimeseriesQuestion): Promise<TimeseriesAnswer>;
  /** Cohorts, and how many of each came back. */
  retention(question?: RetentionQuestion): Promise<RetentionAnswer>;
  /** New, returning, resurrected and dormant people. */
  lifecycle(question?: LifecycleQuestion): Promise<LifecycleAnswer>;
  /** On how many of some days each person was active. */
  power(question?: PowerQuestion): Promise<PowerAnswer>;
  /** Growth accounting: who is new, stays, is back or at risk, and which share of each comes back. */
  growth(question?: GrowthQuestion): Promise<GrowthAnswer>;
  /** People active in the last five minutes. */
  online(question?: OnlineQuestion): Promise<OnlineAnswer>;
}

type Member = string | number | boolean | Date | readonly string[] | undefined;

export function queriesOf(service: Service): Queries {
  const asking =
    <Asked extends Question, Answer>(name: string) =>
    async (question: Asked = {} as Asked): Promise<Answer> =>
      (await callService(service, `asking ${name}`, `/v1/${name}${searchOf(question)}`, {
        signal: question.signal,
      })) as Answer;
  return {
    active: asking<ActiveQuestion, ActiveAnswer>("active"),
    engagement: asking<EngagementQuestion, EngagementAnswer>("engagement"),
    timeseries: asking<TimeseriesQuestion, TimeseriesAnswer>("timeseries"),
    retention: asking<RetentionQuestion, RetentionAnswer>("retention"),
    lifecycle: asking<LifecycleQuestion, LifecycleAnswer>("lifecycle"),
    power: asking<PowerQuestion, PowerAnswer>("power"),
    growth: asking<GrowthQuestion, GrowthAnswer>("growth"),
    online: asking<OnlineQuestion, OnlineAnswer>("online"),
  };
}

function searchOf(question: Question & { where?: Record<string, string> | undefined }): string {
  const { where, signal: _, fresh, ...members } = question;
  const search = new URLSearchParams();
  if (fresh) search.append("fresh", "1");
  for (const [name, value] of Object.entries<Member>(members)) {
    if (value !== undefined) search.append(name, textOf(value));
  }
  // Appended: a dimension that is called like a member is refused and does not take its place.
  for (const [name, value] of Object.entries(where ?? {})) search.append(name, value);
  return search.size > 0 ? `?${search}` : "";
}

function textOf(value: Exclude<Member, undefined>): string {
  if (value instanceof Date) return `${value.getTime()}`;
  return Array.isArray(value) ? value.join(",") : String(value);
}
