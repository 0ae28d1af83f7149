/**
 * Whether this is the development build, which says in words what is wrong. Replaced when the SDK is built, so the
 * production build pays nothing for it.
 */
declare const __DEV__: boolean;
