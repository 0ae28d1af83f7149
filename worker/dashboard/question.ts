/** One value of a dimension. */
export interface Part {
  dimension: string;
  value: string;
}

/** The address of a question, of everyone or of those with one value of a dimension. */
export function pathOf(route: string, members: Record<string, string | number>, only: Part | null): string {
  const query = new URLSearchParams(Object.entries(members).map(([name, value]) => [name, String(value)]));
  if (only !== null) query.set(only.dimension, only.value);
  const text = query.toString();
  return text === "" ? route : `${route}?${text}`;
}
