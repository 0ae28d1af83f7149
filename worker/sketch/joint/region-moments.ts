/**
 * How many people are in each region of some sets, and how far off that may be. A region is a number whose bits say which
 * sets its people are in, and in which only; it is the index here.
 */
export interface RegionMoments {
  people: Float64Array;
  /** Row by row, as wide as there are regions, region 0 (in no set) included. */
  covariance: Float64Array;
}

/** Exact numbers. */
export function exactMoments(people: Float64Array): RegionMoments {
  return { people, covariance: new Float64Array(people.length ** 2) };
}

/** The difference of two, whose errors are independent. */
export function difference(of: RegionMoments, less: RegionMoments): RegionMoments {
  return {
    people: of.people.map((people, region) => people - less.people[region]!),
    covariance: of.covariance.map((value, i) => value + less.covariance[i]!),
  };
}
