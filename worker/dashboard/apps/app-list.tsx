import { useEffect } from "preact/hooks";
import type { AppRow, AppsAnswer } from "../../query/app-list.ts";
import { Failure } from "../panel.tsx";
import { pathOf } from "../question.ts";
import { useQuery } from "../use-query.ts";

const appsPerPage = 300;
const refreshMs = 60_000;

/** Asks for a page of the service's list of apps, and for those behind it. Shows nothing but what keeps it from being known. */
export function AppList({
  after,
  learn,
}: {
  after: string | null;
  learn: (rows: readonly AppRow[]) => void;
}) {
  const members = { limit: appsPerPage, ...(after !== null && { after }) };
  const { data, complaint, retry } = useQuery<AppsAnswer>(pathOf("/v1/apps", members, null), refreshMs);
  useEffect(() => {
    if (data !== null) learn(data.apps);
  }, [data, learn]);
  if (data === null) return complaint === null ? null : <Failure problem={complaint} retry={retry} />;
  return data.next === null ? null : <AppList after={data.next} learn={learn} />;
}
